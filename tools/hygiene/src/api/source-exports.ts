import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import ts from 'typescript';

export interface SourceExports {
  /** Types and values. */
  readonly names: ReadonlySet<string>;
  readonly problems: readonly string[];
}

/** Reads the names that an entry of a package lists. The list is the public surface, and is reviewed as such. */
export function sourceExports(folder: string, path: string): SourceExports {
  const source = ts.createSourceFile(path, readFileSync(join(folder, path), 'utf8'), ts.ScriptTarget.Latest);
  const names = new Set<string>();
  const problems: string[] = [];
  const report = (node: ts.Node, message: string) => {
    problems.push(`${path}:${source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1} ${message}`);
  };

  for (const statement of source.statements) {
    if (ts.isExportDeclaration(statement)) {
      const { exportClause } = statement;
      if (exportClause !== undefined && ts.isNamedExports(exportClause)) {
        for (const { name } of exportClause.elements) names.add(name.text);
      } else {
        report(statement, 'uses `export *`: list the names');
      }
    } else if (ts.isExportAssignment(statement)) {
      report(statement, 'has a default export: give it a name');
    } else if (isExported(statement)) {
      for (const name of declaredNames(statement)) names.add(name);
    }
  }
  if (names.has('default')) problems.push(`${path} has a default export: give it a name`);
  return { names, problems };
}

function isExported(statement: ts.Statement): boolean {
  if (!ts.canHaveModifiers(statement)) return false;
  return ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}

function declaredNames(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []));
  }
  const isDeclaration =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isEnumDeclaration(statement);
  return isDeclaration && statement.name !== undefined ? [statement.name.text] : [];
}
