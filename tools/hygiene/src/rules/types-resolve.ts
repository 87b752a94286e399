import { runLinter } from './run-linter.ts';
import type { PackedPackage } from '../packed-package.ts';

/** "Are the types wrong?" finds every entry typed under node10, node16 from both formats, and bundler resolution. */
export function typesResolve({ tarball }: PackedPackage): Promise<string[]> {
  return runLinter('are-the-types-wrong.mjs', tarball);
}
