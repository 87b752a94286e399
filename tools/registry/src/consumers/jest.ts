import { join } from 'node:path';

import type { Consumer } from '../consumer.ts';
import { layOut } from '../lay-out.ts';
import { asTest } from '../snippet.ts';

export interface JestTools {
  /** The `node_modules` with jest, ts-jest, typescript, @types/jest and @types/node. */
  readonly modules: string;
  /** What their TypeScript needs to find packages, beyond `module: commonjs`. */
  readonly resolution: { readonly moduleResolution?: 'bundler' };
}

/** Jest as most people still run it: in CommonJS mode, sources and types through ts-jest. */
export const jestConsumer = (major: number, { modules, resolution }: JestTools): Consumer => ({
  name: `Jest ${major}`,
  async use({ folder, snippet }, run) {
    const tsconfig = {
      target: 'es2022',
      module: 'commonjs',
      ...resolution,
      esModuleInterop: true,
      strict: true,
      types: ['jest', 'node'],
      typeRoots: [join(modules, '@types')],
    };
    const cwd = await layOut(join(folder, `jest-${major}`), {
      'package.json': {},
      'jest.config.json': {
        testEnvironment: 'node',
        transform: { '\\.ts$': [join(modules, 'ts-jest'), { tsconfig }] },
        cacheDirectory: join(folder, `jest-${major}`, '.cache'),
      },
      'snippet.test.ts': asTest(snippet, (printed, shown) => `expect(${printed}).toEqual(${shown})`),
    });
    await run(process.execPath, [join(modules, 'jest/bin/jest.js'), '--ci', '--runInBand', '--watchman=false'], {
      cwd,
    });
  },
});
