import { dirname, join, resolve } from 'node:path';

import ts from 'typescript';

import type { Problem } from './problem.ts';
import type { Snippet } from './snippet.ts';

/** What a careful user has: strict, ES2022, Node. No condition of ours: packages are seen as they are published. */
const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2022.d.ts', 'lib.esnext.disposable.d.ts'],
  types: ['node'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  resolveJsonModule: true,
  skipLibCheck: true,
  noEmit: true,
};

/**
 * Checks all snippets in one program, which parses every library once. Each is a module that lies, in memory only, in
 * the folder of its README: imports resolve from there.
 */
export function checkTypes(root: string, snippets: readonly Snippet[]): Problem[] {
  const modules = new Map(
    snippets.map((snippet) => [resolve(root, dirname(snippet.file), `snippet-${snippet.line}.mts`), snippet]),
  );
  const host = ts.createCompilerHost(compilerOptions);
  host.getCurrentDirectory = () => root;
  host.fileExists = (path) => modules.has(join(path)) || ts.sys.fileExists(path);
  host.readFile = (path) => modules.get(join(path))?.code ?? ts.sys.readFile(path);

  const program = ts.createProgram([...modules.keys()], compilerOptions, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, code, messageText }) => {
    const message = `TS${code}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    const snippet = file && modules.get(join(file.fileName));
    if (file === undefined || snippet === undefined) return { file: file?.fileName ?? root, line: 1, message };
    return { file: snippet.file, line: snippet.line + file.getLineAndCharacterOfPosition(start).line, message };
  });
}
