import { join } from 'node:path';

import type { Consumer } from './consumer.ts';
import { commonjs } from './consumers/commonjs.ts';
import { esm } from './consumers/esm.ts';
import { jest } from './consumers/jest.ts';
import { neutralBundle } from './consumers/neutral-bundle.ts';
import { nodeTest } from './consumers/node-test.ts';
import { nodeVersion } from './consumers/node-version.ts';
import { typescript } from './consumers/typescript.ts';
import { vitest } from './consumers/vitest.ts';
import type { Toolbox } from './toolbox.ts';

/** Everybody who uses a package in a rehearsal, in the order of the table. */
export function allConsumers(toolbox: Toolbox, nodeBinaries: ReadonlyMap<number, string>): Consumer[] {
  const { common, jest29, jest30 } = toolbox;
  const node = process.execPath;
  const typeScripts = (['5.4', '6'] as const).flatMap((version) =>
    (['nodenext', 'bundler', 'node10'] as const).flatMap((resolution) =>
      (['dom', 'node'] as const).map((globals) =>
        typescript({
          version,
          compiler: join(common, `typescript-${version}`),
          typeRoot: join(common, '@types'),
          resolution,
          globals,
        }),
      ),
    ),
  );
  return [
    esm(node),
    commonjs(node),
    ...typeScripts,
    jest(29, { modules: jest29, resolution: {} }),
    jest(30, { modules: jest30, resolution: { moduleResolution: 'bundler' } }),
    vitest(common),
    nodeTest(node),
    ...[...nodeBinaries].map(([major, binary]) => nodeVersion(major, binary)),
    neutralBundle(common),
  ];
}
