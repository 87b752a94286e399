import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../../..');
const scratch = join(__dirname, '../.results');
mkdirSync(scratch, { recursive: true });

describe('a run of Jest with the preset', () => {
  let folder: string;
  const seconds: unknown = expect.any(Number);

  beforeEach(() => {
    // Below the workspace, so that Node finds what the preset needs.
    folder = mkdtempSync(join(scratch, 'preset-'));
    writeFileSync(
      join(folder, 'jest.config.cjs'),
      `const { testPathIgnorePatterns, ...preset } = require('@patterns-tools/presets/jest-source');
      module.exports = { ...preset, testMatch: ['<rootDir>/*.test.js'], transformIgnorePatterns: ['.*'] };`,
    );
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function run(test: string): { status: number | null; counts: unknown } {
    writeFileSync(join(folder, 'a.test.js'), test);
    const jest = join(root, 'node_modules/jest/bin/jest.js');
    const { status } = spawnSync(process.execPath, [jest, '--config', 'jest.config.cjs'], {
      cwd: folder,
      timeout: 60_000,
      killSignal: 'SIGKILL',
    });
    return { status, counts: JSON.parse(readFileSync(join(folder, '.results/jest.json'), 'utf8')) };
  }

  it('leaves the counts in .results', () => {
    const test = `it('a', () => {}); it('b', () => {}); it('c', () => { throw 1 }); it.skip('d', () => {}); it.todo('e');`;
    expect(run(test)).toEqual({ status: 1, counts: { passed: 2, failed: 1, skipped: 2, seconds } });
  });

  it('counts a file that cannot be loaded as a failure', () => {
    expect(run(`require('nothing of that name')`)).toEqual({
      status: 1,
      counts: { passed: 0, failed: 1, skipped: 0, seconds },
    });
  });
});
