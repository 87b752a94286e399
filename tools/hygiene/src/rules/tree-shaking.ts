import { join } from 'node:path';

import { build } from 'esbuild';

import { bundle, quote } from './bundle.ts';
import type { PackedPackage } from '../packed-package.ts';

/** With fewer exports they may well be one thing. */
const fewestExports = 3;
/** Of the minified code of an entry, what its smallest export may bring along. */
const largestShare = 0.5;

/** Whoever imports the smallest export of an entry does not get all the others with it. */
export async function treeShaking({ installed, entries }: PackedPackage): Promise<string[]> {
  const problems: string[] = [];
  for (const { name, esm } of entries) {
    const path = quote(join(installed, esm));
    // Errors belong to what throws them.
    const exported = (await exportsOf(join(installed, esm))).filter((name) => !name.endsWith('Error'));
    if (exported.length < fewestExports) continue;
    const whole = await bundle(`export * from ${path}`);
    const single = await Promise.all(exported.map((one) => bundle(`export { ${one} } from ${path}`)));
    const smallest = Math.min(...single.map(({ length }) => length));
    if (smallest > largestShare * whole.length) {
      problems.push(`${name}: the smallest export alone brings ${smallest} of ${whole.length} bytes`);
    }
  }
  return problems;
}

async function exportsOf(file: string): Promise<readonly string[]> {
  const { metafile } = await build({
    entryPoints: [file],
    write: false,
    metafile: true,
    outdir: '/',
    logLevel: 'silent',
  });
  return Object.values(metafile.outputs)[0]?.exports ?? [];
}
