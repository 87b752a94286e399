import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

import { bundle, quote } from './bundle.ts';
import type { PackedPackage } from '../packed-package.ts';

/** Each entry, bundled alone, minified and compressed, and the tarball keep to the budget in the manifest. */
export async function size({ installed, manifest, entries, packedBytes }: PackedPackage): Promise<string[]> {
  const { maxBytes = {}, maxPackedBytes } = manifest.patterns ?? {};
  const unknown = Object.keys(maxBytes).filter((name) => !entries.some((entry) => entry.name === name));
  const problems = unknown.map((name) => `patterns.maxBytes has ${name}, which is no entry`);

  const hold = (what: string, bytes: number, field: string, limit: number | undefined) => {
    if (limit === undefined) problems.push(`${field} is missing: ${what} has ${bytes} bytes`);
    else if (bytes > limit) problems.push(`${what} has ${bytes} bytes: ${field} allows ${limit}`);
  };
  hold('the tarball', packedBytes, 'patterns.maxPackedBytes', maxPackedBytes);
  for (const { name, esm } of entries) {
    const code = await bundle(`export * from ${quote(join(installed, esm))}`);
    hold(name, brotliCompressSync(code).byteLength, `patterns.maxBytes["${name}"]`, maxBytes[name]);
  }
  return problems;
}
