import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import ts from 'typescript';

import type { PackedPackage } from '../packed-package.ts';

/** Code that breaks for some users: in CommonJS, across realms, or where strings may not become code. */
export function syntax({ installed, files }: PackedPackage): string[] {
  return files
    .filter((path) => /^dist\/.+\.[mc]js$/.test(path))
    .flatMap((path) => {
      const source = ts.createSourceFile(path, readFileSync(join(installed, path), 'utf8'), ts.ScriptTarget.Latest);
      const found: string[] = [];
      const visit = (node: ts.Node) => {
        const objection = objectionTo(node);
        if (objection !== undefined) {
          found.push(`${path}:${source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1} ${objection}`);
        }
        ts.forEachChild(node, visit);
      };
      visit(source);
      return found;
    });
}

function objectionTo(node: ts.Node): string | undefined {
  if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) {
    return 'uses import.meta, which Jest in CommonJS mode cannot load';
  }
  const isInstanceof = ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword;
  if (isInstanceof && isNamed(node.right, 'Error')) {
    return 'uses `instanceof Error`, which fails across realms';
  }
  if (ts.isCallExpression(node) && (isNamed(node.expression, 'eval') || isNamed(node.expression, 'Function'))) {
    return 'makes code from a string';
  }
  if (ts.isNewExpression(node) && isNamed(node.expression, 'Function')) return 'makes code from a string';
  return undefined;
}

function isNamed(node: ts.Node, name: string): boolean {
  return ts.isIdentifier(node) && node.text === name;
}
