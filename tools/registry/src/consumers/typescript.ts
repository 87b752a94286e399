import { join } from 'node:path';

import type { Consumer } from '../consumer.ts';
import { layOut } from '../lay-out.ts';
import { asFunction, type Snippet } from '../snippet.ts';

export interface TypeScriptSetting {
  readonly version: '5.4' | '6';
  /** The package folder of that TypeScript. */
  readonly compiler: string;
  /** The folder with `node/`. */
  readonly typeRoot: string;
  readonly resolution: 'nodenext' | 'bundler' | 'node10';
  readonly globals: 'dom' | 'node';
}

/** Checks the snippet, and the package's own declarations with it: `skipLibCheck` is off, the compiler does not emit. */
export const typescriptConsumer = ({
  version,
  compiler,
  typeRoot,
  resolution,
  globals,
}: TypeScriptSetting): Consumer => ({
  name: `TypeScript ${version}, ${resolution}, ${globals}`,
  async use({ folder, snippet }, run) {
    const cwd = await layOut(join(folder, `typescript-${version}-${resolution}-${globals}`), {
      'package.json': { type: 'module' },
      'tsconfig.json': {
        compilerOptions: {
          target: 'es2022',
          module: resolution === 'nodenext' ? 'nodenext' : 'esnext',
          moduleResolution: resolution,
          ...(resolution === 'node10' && version === '6' ? { ignoreDeprecations: '6.0' } : {}),
          ...(globals === 'dom'
            ? { lib: ['es2022', 'dom'], types: [] }
            : { lib: ['es2022'], types: ['node'], typeRoots: [typeRoot] }),
          strict: true,
          esModuleInterop: true,
          skipLibCheck: false,
          // The compiler's own libraries cost more than all the rest and say nothing about the package.
          skipDefaultLibCheck: true,
          noEmit: true,
        },
      },
      ...sources(snippet, resolution),
    });
    await run(process.execPath, [join(compiler, 'bin/tsc'), '-p', '.', '--pretty', 'false'], { cwd });
  },
});

/** Under `nodenext` the two kinds of module see different declarations. */
function sources(snippet: Snippet, resolution: TypeScriptSetting['resolution']): Record<string, string> {
  // Without an import of its own a file is a script, and its top-level `await` an error.
  const main = `${snippet.code}\nexport {};\n`;
  if (resolution !== 'nodenext') return { 'main.ts': main };
  return { 'main.mts': main, 'main.cts': `${asFunction(snippet)}void snippet();\nexport {};\n` };
}
