import { basename } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import type { PackedPackage } from '../packed-package.ts';

/** Scripts that npm would run on the machine of a user, or while packing. */
const lifecycle = ['preinstall', 'install', 'postinstall', 'prepare', 'prepack', 'postpack', 'prepublishOnly'];

/** The manifest says everything that npm, bundlers, old resolvers and people looking for a package ask it. */
export function manifestFields({ folder, manifest, entries }: PackedPackage): string[] {
  const name = basename(folder);
  const main = entries.find((entry) => entry.name === '.');
  const subpaths = entries.filter((entry) => entry.name !== '.');
  const olderTypes = Object.fromEntries(subpaths.map((entry) => [entry.name.slice('./'.length), [entry.cjsTypes]]));

  const expected = {
    license: 'MIT',
    type: 'module',
    sideEffects: false,
    'engines.node': '>=20.19',
    'repository.directory': `packages/${name}`,
    'publishConfig.access': 'public',
    'publishConfig.provenance': undefined,
    private: undefined,
    main: main?.cjs,
    types: main?.cjsTypes,
    'typesVersions.*': subpaths.length === 0 ? undefined : olderTypes,
    'exports../package.json': './package.json',
  };
  const problems = Object.entries(expected).flatMap(([field, value]) => {
    const actual = read(manifest, field);
    return isDeepStrictEqual(actual, value)
      ? []
      : [`${field} is ${JSON.stringify(actual)}, not ${JSON.stringify(value)}`];
  });
  if (!manifest.name.endsWith(`/${name}`)) problems.push(`name is ${manifest.name}, but the folder ${name}`);
  if ((manifest.description ?? '').length < 20) problems.push('description says too little');
  if ((manifest.keywords ?? []).length < 3) problems.push('keywords are fewer than three');
  for (const script of lifecycle) {
    if (manifest.scripts?.[script] !== undefined) problems.push(`scripts.${script} would run unasked`);
  }
  return problems;
}

/** @param path a field, or a field of a field after the first dot */
function read(manifest: object, path: string): unknown {
  const dot = path.indexOf('.');
  const step = (value: unknown, key: string) => (value as Record<string, unknown> | undefined)?.[key];
  return dot === -1 ? step(manifest, path) : step(step(manifest, path.slice(0, dot)), path.slice(dot + 1));
}
