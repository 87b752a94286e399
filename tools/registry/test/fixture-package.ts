import { join } from 'node:path';

import { layOut } from '../src/lay-out.ts';

export const fixtureName = '@fixtures/double';

export interface Changes {
  readonly manifest?: Readonly<Record<string, unknown>>;
  /** A file that is `undefined` was forgotten. */
  readonly files?: Readonly<Record<string, string | undefined>>;
}

const declarations = 'export declare function double(n: number): number;\n';

/** A package as small as can be that works everywhere, but for what `changes` break. */
export async function layOutFixture(folder: string, { manifest, files }: Changes = {}): Promise<string> {
  const content: Record<string, unknown> = {
    'package.json': {
      name: fixtureName,
      version: '0.1.0',
      type: 'module',
      main: './index.cjs',
      types: './index.d.cts',
      exports: {
        '.': {
          import: { types: './index.d.mts', default: './index.mjs' },
          require: { types: './index.d.cts', default: './index.cjs' },
        },
        './package.json': './package.json',
      },
      patterns: { platform: 'neutral' },
      publishConfig: { access: 'public' },
      ...manifest,
    },
    'README.md': readme('console.log(await Promise.resolve(double(2))); // => 4'),
    'index.mjs': 'export const double = (n) => 2 * n;\n',
    'index.cjs': 'exports.double = (n) => 2 * n;\n',
    'index.d.mts': declarations,
    'index.d.cts': declarations,
    ...files,
  };
  return layOut(folder, Object.fromEntries(Object.entries(content).filter(([, text]) => text !== undefined)));
}

export function readme(code: string): string {
  return ['# Fixture', '', '```ts', `import { double } from '${fixtureName}';`, '', code, '```', ''].join('\n');
}

/** The modules of the workspace: tests need no toolbox, and so no network. */
export const workspaceModules = join(__dirname, '../../../node_modules');
