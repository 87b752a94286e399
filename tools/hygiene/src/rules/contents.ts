import { existsSync } from 'node:fs';
import { join, normalize } from 'node:path';

import type { PackedPackage } from '../packed-package.ts';

const welcome = [
  /^(package\.json|README\.md|CHANGELOG\.md|LICENSE)$/,
  /^dist\/.+\.(mjs|cjs|d\.mts|d\.cts)(\.map)?$/,
  // Debuggers follow the source maps to them.
  /^src\/.+(?<!\.test)\.ts$/,
];

/** The tarball holds the build, the sources without their tests, and the papers; and nothing else. */
export function contents({ folder, files, entries }: PackedPackage): string[] {
  const needed = ['package.json', 'README.md', 'LICENSE'];
  if (existsSync(join(folder, 'CHANGELOG.md'))) needed.push('CHANGELOG.md');
  for (const { source, esm, cjs, esmTypes, cjsTypes } of entries) {
    needed.push(...[source, esm, cjs, esmTypes, cjsTypes].map(normalize));
  }
  return [
    ...needed.filter((path) => !files.includes(path)).map((path) => `${path} is missing`),
    ...files.filter((path) => !welcome.some((pattern) => pattern.test(path))).map((path) => `${path} does not belong`),
  ];
}
