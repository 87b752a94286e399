import { basename } from 'node:path';
import { workspacesIn } from './workspaces.ts';

export interface Example {
  /** That of its folder. */
  readonly name: string;
  readonly description: string;
  /** Absolute. */
  readonly folder: string;
}

export function findExamples(root: string): Example[] {
  return workspacesIn(root, 'examples').map(({ folder, manifest }) => ({
    name: basename(folder),
    description: manifest.description ?? '',
    folder,
  }));
}
