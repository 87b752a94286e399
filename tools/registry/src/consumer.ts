import type { RunCommand } from './run-command.ts';
import type { Snippet } from './snippet.ts';

/** A scratch project outside the workspace in which one package was installed from the registry. */
export interface Project {
  readonly packageName: string;
  /** Holds `node_modules`. Each consumer works in a folder of its own inside, from where Node finds the package. */
  readonly folder: string;
  readonly manifest: InstalledManifest;
  readonly snippet: Snippet;
}

export interface InstalledManifest {
  readonly name: string;
  readonly version: string;
  readonly patterns?: {
    /** What it runs on: all of it, or entry by entry. */
    readonly platform?: Platform | Readonly<Record<string, Platform>>;
  };
}

export type Platform = 'neutral' | 'node';

/** One way in which people use a package. */
export interface Consumer {
  readonly name: string;
  readonly appliesTo?: (project: Project) => boolean;
  /** Rejects if the package cannot be used in this way; the message is what the person at the terminal sees. */
  use(project: Project, run: RunCommand): Promise<void>;
  /** The same of several, each in its own folder still, by one start of what takes long to start. Rejects if any of them cannot be used. Not with `appliesTo`. */
  useAll?(projects: readonly Project[], run: RunCommand): Promise<void>;
}
