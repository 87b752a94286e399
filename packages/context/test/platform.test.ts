import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const folder = join(__dirname, '../src');
const sources = readdirSync(folder).filter((file) => !file.endsWith('.test.ts'));
const textOf = (file: string): string => readFileSync(join(folder, file), 'utf8');

it('loads no module of Node, except for the current context and signals of the process', () => {
  const importing = sources.filter((file) => /^import (?!type ).* from 'node:/m.test(textOf(file)));
  expect(importing).toEqual(['async.ts', 'shutdown-context.ts']);
});

it('has declarations that need no types of Node, except where they are about requests and signals', () => {
  const naming = sources.filter((file) => {
    const { outputText } = ts.transpileDeclaration(textOf(file), {
      fileName: file,
      compilerOptions: { target: ts.ScriptTarget.ES2022 },
    });
    return /\bNodeJS\b|['"]node:/.test(outputText);
  });
  expect(naming).toEqual(['from-request.ts', 'shutdown-context.ts', 'shutdown-error.ts', 'socket-close.ts']);
});
