import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface PublicPackage {
  readonly name: string;
  readonly version: string;
}

/** The published packages of a workspace, by name. */
export async function readPublicPackages(workspaceRoot: string): Promise<PublicPackage[]> {
  const folder = join(workspaceRoot, 'packages');
  const manifests = await Promise.all(
    (await readdir(folder)).map(async (name) => {
      const text = await readFile(join(folder, name, 'package.json'), 'utf8');
      return JSON.parse(text) as PublicPackage & { readonly private?: boolean };
    }),
  );
  return manifests
    .filter((manifest) => manifest.private !== true)
    .map(({ name, version }) => ({ name, version }))
    .sort((a, b) => a.name.localeCompare(b.name));
}
