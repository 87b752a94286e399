import { dirname, join, relative } from 'node:path';

import ts from 'typescript';

export interface DeclaredExports {
  readonly all: ReadonlySet<string>;
  /** Those that exist when the program runs. */
  readonly values: ReadonlySet<string>;
}

/** The declarations of a built package, as the compiler of a user reads them. */
export class Declarations {
  readonly #folder: string;
  readonly #program: ts.Program;
  readonly #checker: ts.TypeChecker;

  /** @param paths of the entries' declarations, from `folder` */
  constructor(folder: string, paths: readonly string[]) {
    this.#folder = folder;
    this.#program = ts.createProgram(
      paths.map((path) => join(folder, path)),
      {
        target: ts.ScriptTarget.ES2022,
        lib: ['lib.es2022.d.ts'],
        // The compiler is installed beside the types of Node.js, wherever the package is.
        typeRoots: [join(dirname(ts.sys.getExecutingFilePath()), '../../@types')],
        types: ['node'],
        module: ts.ModuleKind.NodeNext,
        moduleResolution: ts.ModuleResolutionKind.NodeNext,
        strict: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: false,
        noEmit: true,
      },
    );
    this.#checker = this.#program.getTypeChecker();
  }

  exportsOf(path: string): DeclaredExports {
    const source = this.#program.getSourceFile(join(this.#folder, path));
    const module = source && this.#checker.getSymbolAtLocation(source);
    const exported = module === undefined ? [] : this.#checker.getExportsOfModule(module);
    const values = exported.filter((symbol) => (this.#resolved(symbol).flags & ts.SymbolFlags.Value) !== 0);
    return { all: namesOf(exported), values: namesOf(values) };
  }

  /** What the compiler objects to, which includes types left out, and every type that is `any` or comes to it. */
  problems(): string[] {
    const own = this.#program.getSourceFiles().filter(({ fileName }) => this.#isOwn(fileName));
    return own.flatMap((source) => {
      const found = new Set<string>();
      const report = (position: number, message: string) => {
        const line = source.getLineAndCharacterOfPosition(position).line + 1;
        found.add(`${relative(this.#folder, source.fileName)}:${line} ${message}`);
      };
      const visit = (node: ts.Node) => {
        if (this.#isAny(node)) report(node.getStart(source), `has the type \`any\` at \`${node.getText(source)}\``);
        ts.forEachChild(node, visit);
      };

      for (const { start = 0, messageText } of this.#program.getSemanticDiagnostics(source)) {
        report(start, ts.flattenDiagnosticMessageText(messageText, '\n'));
      }
      visit(source);
      return [...found];
    });
  }

  #isAny(node: ts.Node): boolean {
    return ts.isTypeNode(node) && (this.#checker.getTypeFromTypeNode(node).flags & ts.TypeFlags.Any) !== 0;
  }

  #isOwn(fileName: string): boolean {
    const path = relative(this.#folder, fileName);
    return !path.startsWith('..') && !path.includes('node_modules');
  }

  #resolved(symbol: ts.Symbol): ts.Symbol {
    return (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : this.#checker.getAliasedSymbol(symbol);
  }
}

function namesOf(symbols: readonly ts.Symbol[]): ReadonlySet<string> {
  return new Set(symbols.map(({ name }) => name));
}
