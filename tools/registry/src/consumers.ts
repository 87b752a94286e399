import { join } from 'node:path';

import type { Consumer } from './consumer.ts';
import { commonjsConsumer } from './consumers/commonjs.ts';
import { esmConsumer } from './consumers/esm.ts';
import { jestConsumer } from './consumers/jest.ts';
import { neutralBundleConsumer } from './consumers/neutral-bundle.ts';
import { nodeTestConsumer } from './consumers/node-test.ts';
import { nodeVersionConsumer } from './consumers/node-version.ts';
import { typescriptConsumer } from './consumers/typescript.ts';
import { vitestConsumer } from './consumers/vitest.ts';
import type { Toolbox } from './toolbox.ts';

/** Everybody who uses a package in a rehearsal, in the order of the table. */
export function allConsumers(toolbox: Toolbox, nodeBinaries: ReadonlyMap<number, string>): Consumer[] {
  const { common, jest29, jest30 } = toolbox;
  const node = process.execPath;
  // Every two of version, resolution and globals meet somewhere: what depends on all three has not been seen, and each of these runs a compiler for every package.
  const typeScripts = (
    [
      ['5.4', 'nodenext', 'dom'],
      ['5.4', 'bundler', 'node'],
      ['5.4', 'node10', 'dom'],
      ['6', 'nodenext', 'node'],
      ['6', 'bundler', 'dom'],
      ['6', 'node10', 'node'],
    ] as const
  ).map(([version, resolution, globals]) =>
    typescriptConsumer({
      version,
      compiler: join(common, `typescript-${version}`),
      typeRoot: join(common, '@types'),
      resolution,
      globals,
    }),
  );
  return [
    esmConsumer(node),
    commonjsConsumer(node),
    ...typeScripts,
    jestConsumer(29, { modules: jest29, resolution: {} }),
    jestConsumer(30, { modules: jest30, resolution: { moduleResolution: 'bundler' } }),
    vitestConsumer(common),
    nodeTestConsumer(node),
    ...[...nodeBinaries].map(([major, binary]) => nodeVersionConsumer(major, binary)),
    neutralBundleConsumer(common),
  ];
}
