import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The parts of a `package.json` that the tools of this workspace read. */
export interface Manifest {
  readonly name: string;
  readonly description?: string;
  readonly private?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly nx?: { readonly implicitDependencies?: readonly string[] };
}

export interface Workspace {
  /** Absolute. */
  readonly folder: string;
  readonly manifest: Manifest;
}

/** The workspaces below one of the three parents, by name of their folder. */
export function workspacesIn(root: string, parent: 'packages' | 'examples' | 'tools'): Workspace[] {
  return readdirSync(join(root, parent))
    .sort()
    .map((name) => join(root, parent, name))
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map((folder) => ({
      folder,
      manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest,
    }));
}

export function allWorkspaces(root: string): Workspace[] {
  return [...workspacesIn(root, 'packages'), ...workspacesIn(root, 'examples'), ...workspacesIn(root, 'tools')];
}
