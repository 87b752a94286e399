import { join } from 'node:path';

import type { Consumer, Project } from '../consumer.ts';
import { layOut } from '../lay-out.ts';
import type { RunCommand } from '../run-command.ts';
import { asTest } from '../snippet.ts';

export interface JestTools {
  /** The `node_modules` with jest, ts-jest, typescript, @types/jest and @types/node. */
  readonly modules: string;
  /** What their TypeScript needs to find packages, beyond `module: commonjs`. */
  readonly resolution: { readonly moduleResolution?: 'bundler' };
}

/** Jest as most people still run it: in CommonJS mode, sources and types through ts-jest. */
export function jestConsumer(major: number, { modules, resolution }: JestTools): Consumer {
  const tsconfig = {
    target: 'es2022',
    module: 'commonjs',
    ...resolution,
    esModuleInterop: true,
    strict: true,
    types: ['jest', 'node'],
    typeRoots: [join(modules, '@types')],
  };
  const useAll = async (projects: readonly Project[], run: RunCommand): Promise<void> => {
    const roots = await Promise.all(
      projects.map(({ folder, snippet }) =>
        layOut(join(folder, `jest-${major}`), {
          'package.json': {},
          'snippet.test.ts': asTest(snippet, (printed, shown) => `expect(${printed}).toEqual(${shown})`),
        }),
      ),
    );
    const [cwd = ''] = roots;
    await layOut(cwd, {
      'jest.config.json': {
        testEnvironment: 'node',
        roots,
        transform: { '\\.ts$': [join(modules, 'ts-jest'), { tsconfig }] },
        cacheDirectory: join(cwd, '.cache'),
      },
    });
    await run(process.execPath, [join(modules, 'jest/bin/jest.js'), '--ci', '--runInBand', '--watchman=false'], {
      cwd,
    });
  };
  return { name: `Jest ${major}`, use: (project, run) => useAll([project], run), useAll };
}
