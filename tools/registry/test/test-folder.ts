import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for the tests of a file, removed after them. */
export function testFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'patterns-test-')));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  return folder;
}
