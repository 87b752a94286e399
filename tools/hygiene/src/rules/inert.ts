import { execFile } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';

import type { PackedPackage } from '../packed-package.ts';

/** More files than this, and an import is felt. */
const mostModules = 20;

interface Observation {
  /** Why it could not be loaded. */
  readonly error?: string;
  /** What it did beside defining things. */
  readonly effects: readonly string[];
  /** How many CommonJS files were loaded; the ES modules are built alike. */
  readonly modules: number;
}

/**
 * To import an entry, in either format, does nothing: no timer, handle, listener, global or AsyncLocalStorage store. It
 * loads few files, and works where strings may not become code.
 */
export async function inert({ consumer, manifest, entries }: PackedPackage): Promise<string[]> {
  const probe = join(consumer, 'observe-import.cjs');
  copyFileSync(join(__dirname, '../../bin/observe-import.cjs'), probe);

  const problems: string[] = [];
  for (const entry of entries) {
    const specifier = join(manifest.name, entry.name);
    for (const format of ['import', 'require']) {
      const { error, effects, modules } = await observe(probe, format, specifier);
      const said = (text: string) => `${specifier} by ${format} ${text}`;
      if (error !== undefined) problems.push(said(`fails: ${error}`));
      problems.push(...effects.map(said));
      if (modules > mostModules) problems.push(said(`loads ${modules} files, more than ${mostModules}`));
    }
  }
  return problems;
}

function observe(probe: string, format: string, specifier: string): Promise<Observation> {
  const flags = ['--disallow-code-generation-from-strings'];
  return new Promise((settle) => {
    execFile(process.execPath, [...flags, probe, format, specifier], (error, stdout, stderr) => {
      if (error === null) settle(JSON.parse(stdout) as Observation);
      else settle({ error: stderr, effects: [], modules: 0 });
    });
  });
}
