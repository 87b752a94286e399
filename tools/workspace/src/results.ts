import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** Of one project. */
export interface Results extends Counts {
  /** As long as it took when it was run, if that is what the cache has. */
  readonly seconds: number;
}

/** What the reporter of `@patterns-tools/presets` left in `.results`; `undefined` if no test was run. */
export function readResults(folder: string): Results | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, '.results', 'jest.json'), 'utf8')) as Results;
  } catch {
    return undefined;
  }
}
