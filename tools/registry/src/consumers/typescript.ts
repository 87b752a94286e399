import { join } from 'node:path';

import type { Consumer, Project } from '../consumer.ts';
import { layOut } from '../lay-out.ts';
import type { RunCommand } from '../run-command.ts';
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
export function typescriptConsumer({ version, compiler, typeRoot, resolution, globals }: TypeScriptSetting): Consumer {
  const tsconfig = {
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
  };
  const useAll = async (projects: readonly Project[], run: RunCommand): Promise<void> => {
    const folders = await Promise.all(
      projects.map(({ folder, snippet }) =>
        layOut(join(folder, `typescript-${version}-${resolution}-${globals}`), {
          'package.json': { type: 'module' },
          'tsconfig.json': tsconfig,
          ...sources(snippet, resolution),
        }),
      ),
    );
    const [cwd = ''] = folders;
    // `-b` makes a program of each: in one for all, what one package declares or refers to would be there for the others.
    const configs = folders.map((folder) => join(folder, 'tsconfig.json'));
    await run(process.execPath, [join(compiler, 'bin/tsc'), '-b', ...configs, '--pretty', 'false'], { cwd });
  };
  return {
    name: `TypeScript ${version}, ${resolution}, ${globals}`,
    use: (project, run) => useAll([project], run),
    useAll,
  };
}

/** Under `nodenext` the two kinds of module see different declarations. */
function sources(snippet: Snippet, resolution: TypeScriptSetting['resolution']): Record<string, string> {
  // Without an import of its own a file is a script, and its top-level `await` an error.
  const main = `${snippet.code}\nexport {};\n`;
  if (resolution !== 'nodenext') return { 'main.ts': main };
  return { 'main.mts': main, 'main.cts': `${asFunction(snippet)}void snippet();\nexport {};\n` };
}
