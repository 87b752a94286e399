import ts from 'typescript';

/** The first `ts` block of a README, in the pieces that a consumer puts together in its own way. */
export interface Snippet {
  /** An ES module, which may use `await` at its top level. */
  readonly code: string;
  readonly imports: string;
  /** The code without its imports: fit for the inside of an async function. */
  readonly body: string;
  /** The text after each `// => `, in order: all that the code may print. */
  readonly shown: readonly string[];
}

const firstBlock = /^```(?:ts|typescript)\b.*\n([\s\S]*?)^```/m;
const shownLine = /\/\/ => ?(.*)$/gm;

export function firstSnippet(readme: string): Snippet {
  const code = firstBlock.exec(readme)?.[1];
  if (code === undefined) throw new Error('README.md has no ```ts block');

  const source = ts.createSourceFile('snippet.mts', code, ts.ScriptTarget.Latest, true);
  let imports = '';
  let body = '';
  let position = 0;
  for (const declaration of source.statements.filter(ts.isImportDeclaration)) {
    const start = declaration.getStart(source);
    imports += `${declaration.getText(source)}\n`;
    body += code.slice(position, start);
    position = declaration.end;
  }
  body += code.slice(position);

  return {
    code,
    imports,
    body: body.trim(),
    shown: [...code.matchAll(shownLine)].map(([, text = '']) => text.trimEnd()),
  };
}

/** Where `await` is not allowed at the top level: in CommonJS, and in a test. */
export function asFunction({ imports, body }: Snippet): string {
  return `${imports}\nasync function snippet(): Promise<void> {\n${body}\n}\n`;
}

/**
 * A test that holds what the snippet prints against what it shows, for any runner with a `test` in scope. It waits a moment for lines
 * that are printed after the last `await`.
 *
 * @param assertEqual writes the assertion, given two expressions
 */
export function asTest(snippet: Snippet, assertEqual: (printed: string, shown: string) => string): string {
  return `
    import * as nodeUtil from 'node:util';
    ${asFunction(snippet)}
    test('prints what the README shows', async () => {
      const shown: string[] = ${JSON.stringify(snippet.shown)};
      const printed: string[] = [];
      const { log } = console;
      console.log = (...values: unknown[]) => {
        printed.push(...nodeUtil.format(...values).split('\\n').map((line) => line.trimEnd()));
      };
      try {
        await snippet();
        for (let turn = 0; printed.length < shown.length && turn < 100; turn += 1) {
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      } finally {
        console.log = log;
      }
      ${assertEqual('printed', 'shown')};
    });
  `;
}

export function toJavaScript(code: string, format: 'esm' | 'commonjs'): string {
  const { outputText } = ts.transpileModule(code, {
    fileName: 'snippet.ts',
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: format === 'esm' ? ts.ModuleKind.ESNext : ts.ModuleKind.CommonJS,
      esModuleInterop: true,
    },
  });
  return outputText;
}

export function assertShown({ shown }: Snippet, stdout: string): void {
  const printed = stdout.split('\n').map((line) => line.trimEnd());
  if (printed.at(-1) === '') printed.pop();
  if (printed.length === shown.length && printed.every((line, index) => line === shown[index])) return;
  throw new Error(`README.md shows\n${indented(shown)}\nbut this was printed:\n${indented(printed)}`);
}

function indented(lines: readonly string[]): string {
  return lines.length === 0 ? '  (nothing)' : lines.map((line) => `  ${line}`).join('\n');
}
