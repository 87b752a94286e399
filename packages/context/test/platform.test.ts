import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const folder = join(__dirname, '../src');
const sources = readdirSync(folder).filter((file) => !file.endsWith('.test.ts'));
const textOf = (file: string): string => readFileSync(join(folder, file), 'utf8');

it('loads no module of Node, except for the current context', () => {
  const importing = sources.filter((file) =>
    ts.preProcessFile(textOf(file)).importedFiles.some(({ fileName }) => fileName.startsWith('node:')),
  );
  expect(importing).toEqual(['async.ts']);
});

it('has declarations that need no types of Node', () => {
  const naming = sources.filter((file) => {
    const { outputText } = ts.transpileDeclaration(textOf(file), {
      fileName: file,
      compilerOptions: { target: ts.ScriptTarget.ES2022 },
    });
    return /\bNodeJS\b|['"]node:/.test(outputText);
  });
  expect(naming).toEqual([]);
});
