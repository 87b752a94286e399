import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder that is removed with everything in it when `use` is over, and also if the process ends before. */
export async function withTemporaryFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  // Real, since compilers and bundlers report real paths.
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'patterns-rehearsal-')));
  const remove = () => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  process.once('exit', remove);
  try {
    return await use(folder);
  } finally {
    process.off('exit', remove);
    remove();
  }
}
