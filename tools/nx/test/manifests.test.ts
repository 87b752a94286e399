import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { makeManifest } from '../src/generators/pattern/manifest.cjs';

const packages = join(__dirname, '../../../packages');

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly keywords: readonly string[];
  readonly exports: object;
  readonly dependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
  readonly devDependencies: Record<string, string>;
  readonly patterns: object;
  readonly nx: { readonly tags: readonly string[] };
}

const folders = readdirSync(packages).filter((folder) => existsSync(join(packages, folder, 'package.json')));

it.each(folders)('the manifest of %s is the one that the generator makes, key by key', (folder) => {
  const text = readFileSync(join(packages, folder, 'package.json'), 'utf8');
  const { exports, keywords, name, nx, dependencies, peerDependencies, ...rest } = JSON.parse(text) as Manifest;
  const entries = Object.keys(exports).filter((key) => key !== './package.json');
  const generated = makeManifest({
    ...rest,
    name: name.replace('@patterns/', ''),
    keywords: keywords.slice(0, -2),
    entries: entries.map((key) => (key === '.' ? 'index' : key.replace('./', ''))),
    dependencies,
    peerDependencies,
    tags: nx.tags,
  });
  expect(text).toBe(`${JSON.stringify(generated, null, 2)}\n`);
});
