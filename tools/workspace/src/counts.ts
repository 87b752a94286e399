import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** What the reporter of `@patterns-tools/presets` left in `.results`; `undefined` if no test was run. */
export function readCounts(folder: string): Counts | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, '.results', 'jest.json'), 'utf8')) as Counts;
  } catch {
    return undefined;
  }
}
