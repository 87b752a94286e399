import type { PackedPackage } from './packed-package.ts';
import { contents } from './rules/contents.ts';
import { dependencies } from './rules/dependencies.ts';
import { inert } from './rules/inert.ts';
import { manifestFields } from './rules/manifest-fields.ts';
import { neutral } from './rules/neutral.ts';
import { publint } from './rules/publint.ts';
import { size } from './rules/size.ts';
import { syntax } from './rules/syntax.ts';
import { treeShaking } from './rules/tree-shaking.ts';
import { typesResolve } from './rules/types-resolve.ts';

/** Finds what is wrong with a package, one line for each problem. */
export type Rule = (pkg: PackedPackage) => readonly string[] | Promise<readonly string[]>;

/** What every published package keeps to. */
export const rules: Readonly<Record<string, Rule>> = {
  contents,
  manifestFields,
  dependencies,
  publint,
  typesResolve,
  size,
  treeShaking,
  inert,
  neutral,
  syntax,
};
