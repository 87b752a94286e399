import { execFile } from 'node:child_process';
import { join } from 'node:path';

import { checkApi } from '../src/api/check-api.ts';
import { sourceExports } from '../src/api/source-exports.ts';
import { FixtureCopy } from './fixture-copy.ts';

// Each check starts the compiler and Node.js anew.
jest.setTimeout(60_000);

async function problemsAfter(breakIt: (copy: FixtureCopy) => void): Promise<string[]> {
  using copy = new FixtureCopy('broken');
  breakIt(copy);
  return await checkApi(copy.folder);
}

/** Adds declarations to both formats. */
function declare(copy: FixtureCopy, ...lines: string[]): void {
  for (const format of ['mts', 'cts']) copy.append(`dist/index.d.${format}`, lines.join('\n'));
}

it('finds nothing in a sound package', async () => {
  await expect(problemsAfter(() => undefined)).resolves.toEqual([]);
});

it('asks for a build where there is none', async () => {
  const problems = await problemsAfter((copy) => {
    copy.remove('dist/testing.mjs');
  });
  expect(problems).toEqual(['./dist/testing.mjs is missing: build the package first']);
});

it('finds a format that does not load', async () => {
  const problems = await problemsAfter((copy) => {
    copy.append('dist/testing.cjs', 'throw new RangeError("not today");');
  });
  expect(problems).toEqual(['./dist/testing.cjs does not load: RangeError: not today']);
});

it('finds an `any`, written, left out or what a type comes to, in the declarations of both formats', async () => {
  const problems = await problemsAfter((copy) => {
    declare(
      copy,
      'declare const written: any;',
      'declare function inSignature(values: readonly any[]): void;',
      'declare const comesTo: ReturnType<typeof JSON.parse>;',
      'declare function parameter(value): void;',
      'declare function result(value: number);',
      'declare const property: { size };',
    );
  });
  const expected = ['mts', 'cts'].flatMap((format) => [
    `dist/index.d.${format}:16 Parameter 'value' implicitly has an 'any' type.`,
    `dist/index.d.${format}:17 'result', which lacks return-type annotation, implicitly has an 'any' return type.`,
    `dist/index.d.${format}:18 Member 'size' implicitly has an 'any' type.`,
    `dist/index.d.${format}:13 has the type \`any\` at \`any\``,
    `dist/index.d.${format}:14 has the type \`any\` at \`any\``,
    `dist/index.d.${format}:15 has the type \`any\` at \`ReturnType<typeof JSON.parse>\``,
  ]);
  expect(problems).toEqual(expected);
});

it('finds what a user on ES2022 cannot compile, and the `any` that is left of it', async () => {
  const problems = await problemsAfter((copy) => {
    declare(copy, "declare const lost: import('./nowhere.mjs').Lost;", 'declare const element: HTMLElement;');
  });
  expect(problems.filter((problem) => problem.startsWith('dist/index.d.mts'))).toEqual([
    "dist/index.d.mts:13 Cannot find module './nowhere.mjs' or its corresponding type declarations.",
    "dist/index.d.mts:14 Cannot find name 'HTMLElement'.",
    "dist/index.d.mts:13 has the type `any` at `import('./nowhere.mjs').Lost`",
    'dist/index.d.mts:14 has the type `any` at `HTMLElement`',
  ]);
});

it('leaves private members alone, which have no type in declarations', async () => {
  const problems = await problemsAfter((copy) => {
    declare(copy, 'declare class Closed { private hidden; private hide(); constructor(); set size(value: number); }');
  });
  expect(problems).toEqual([]);
});

it.each([
  ['`export *`', "export * from './greet.ts';\n", ':4 uses `export *`: list the names'],
  ['`export * as`', "export * as greetings from './greet.ts';\n", ':4 uses `export *`: list the names'],
  ['a default export', 'export default 1;\n', ':4 has a default export: give it a name'],
  [
    'a name renamed to the default',
    "export { greet as default } from './greet.ts';\n",
    ' has a default export: give it a name',
  ],
])('finds %s in the source of an entry', (_, line, expected) => {
  using copy = new FixtureCopy('broken');
  copy.append('src/index.ts', line);
  expect(sourceExports(copy.folder, 'src/index.ts').problems).toEqual([`src/index.ts${expected}`]);
});

it('finds a name that the build has and the source does not list, and the other way round', async () => {
  const problems = await problemsAfter((copy) => {
    copy.edit('src/index.ts', (text) => text.replace('type Greeting', 'type Goodbye'));
  });
  expect(problems).toEqual([
    './src/index.ts exports Goodbye, ./dist/index.d.mts does not',
    './dist/index.d.mts exports Greeting, ./src/index.ts does not',
  ]);
});

it('finds declarations that differ between the formats', async () => {
  const problems = await problemsAfter((copy) => {
    copy.edit('dist/index.d.cts', (text) => text.replace('type Greeting, ', ''));
  });
  expect(problems).toEqual(['./dist/index.d.mts exports Greeting, ./dist/index.d.cts does not']);
});

it('finds a value that is declared and not there, in either format', async () => {
  const problems = await problemsAfter((copy) => {
    copy.edit('dist/index.mjs', (text) => text.replace('greet, ', ''));
    copy.edit('dist/testing.cjs', (text) => text.replace('exports.nobody', 'exports.everybody'));
  });
  expect(problems).toEqual([
    './dist/index.d.mts exports greet, ./dist/index.mjs does not',
    './dist/testing.d.mts exports nobody, ./dist/testing.cjs does not',
    './dist/testing.cjs exports everybody, ./dist/testing.d.mts does not',
  ]);
});

it('says so on the command line, by exit code and on stderr', async () => {
  using copy = new FixtureCopy('broken');
  copy.append('src/index.ts', "export * from './greet.ts';\n");
  const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((settle) => {
    execFile(process.execPath, [join(__dirname, '../bin/api.mjs'), copy.folder], (error, _, text) => {
      settle({ code: error?.code, stderr: text });
    });
  });
  expect({ code, stderr }).toEqual({ code: 1, stderr: './src/index.ts:4 uses `export *`: list the names\n' });
});
