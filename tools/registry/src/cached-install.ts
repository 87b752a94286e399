import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

import { layOut } from './lay-out.ts';
import type { RunCommand } from './run-command.ts';

export interface InstallManifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly overrides?: Readonly<Record<string, string>>;
}

/** Outside the repository: what is installed here is large, and no dependency of anything in it. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  return join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'patterns');
}

/**
 * Installs what `manifest` asks for, unless that was done before: another manifest is another folder.
 *
 * @returns the folder `node_modules`
 */
export async function cachedInstall(
  cache: string,
  name: string,
  manifest: InstallManifest,
  run: RunCommand,
): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(manifest)).digest('hex').slice(0, 8);
  const folder = join(cache, `${name}-${hash}`);
  const modules = join(folder, 'node_modules');
  if (existsSync(modules)) return modules;

  await layOut(dirname(folder), {});
  // A folder of the final name is complete, whatever happens here, and whoever else installs the same at this moment.
  const unfinished = await mkdtemp(join(cache, `${name}-unfinished-`));
  try {
    await layOut(unfinished, { 'package.json': { private: true, ...manifest } });
    await run('npm', ['install', '--ignore-scripts', '--no-package-lock', '--loglevel=error'], { cwd: unfinished });
    await rename(unfinished, folder).catch((error: unknown) => {
      if (!existsSync(modules)) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return modules;
}
