import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { entriesOf, readManifest } from '../manifest.ts';
import { Declarations } from './declarations.ts';
import { runtimeExports } from './runtime-exports.ts';
import { sourceExports } from './source-exports.ts';

/**
 * Checks that the public surface of a built package is what its sources list, that it has no `any` in it, and that both
 * formats and their declarations agree on it.
 *
 * @param folder absolute path of the package
 * @returns one line for each problem
 */
export async function checkApi(folder: string): Promise<string[]> {
  const entries = entriesOf(readManifest(folder));
  const missing = entries
    .flatMap(({ source, esm, cjs, esmTypes, cjsTypes }) => [source, esm, cjs, esmTypes, cjsTypes])
    .filter((path) => !existsSync(join(folder, path)));
  if (missing.length > 0) return missing.map((path) => `${path} is missing: build the package first`);

  const declarations = new Declarations(
    folder,
    entries.flatMap(({ esmTypes, cjsTypes }) => [esmTypes, cjsTypes]),
  );
  const problems = declarations.problems();
  for (const entry of entries) {
    const source = sourceExports(folder, entry.source);
    const declared = declarations.exportsOf(entry.esmTypes);
    problems.push(
      ...source.problems,
      ...compare(entry.source, source.names, entry.esmTypes, declared.all),
      ...compare(entry.esmTypes, declared.all, entry.cjsTypes, declarations.exportsOf(entry.cjsTypes).all),
    );
    const paths = [entry.esm, entry.cjs];
    for (const [index, loaded] of (await runtimeExports(folder, paths)).entries()) {
      const path = paths[index] ?? '';
      if ('error' in loaded) problems.push(`${path} does not load: ${loaded.error}`);
      else problems.push(...compare(entry.esmTypes, declared.values, path, new Set(loaded.names)));
    }
  }
  return problems;
}

function compare(left: string, inLeft: ReadonlySet<string>, right: string, inRight: ReadonlySet<string>): string[] {
  const only = (file: string, a: ReadonlySet<string>, other: string, b: ReadonlySet<string>) =>
    [...a].filter((name) => !b.has(name)).map((name) => `${file} exports ${name}, ${other} does not`);
  return [...only(left, inLeft, right, inRight), ...only(right, inRight, left, inLeft)];
}
