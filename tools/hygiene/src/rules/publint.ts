import { runLinter } from './run-linter.ts';
import type { PackedPackage } from '../packed-package.ts';

/** publint has nothing to say, suggestions included. */
export function publint({ tarball }: PackedPackage): Promise<string[]> {
  return runLinter('publint.mjs', tarball);
}
