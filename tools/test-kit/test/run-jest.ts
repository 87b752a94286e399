import { execFile } from 'node:child_process';
import { join } from 'node:path';

export interface JestRun {
  readonly exitCode: number;
  /** All that was printed. */
  readonly output: string;
}

/** Runs one fixture as Jest would run a test file of a package, in a process of its own. */
export function runJest(fixture: string, env: Readonly<Record<string, string | undefined>> = {}): Promise<JestRun> {
  const fixtures = join(__dirname, 'fixtures');
  const jest = join(require.resolve('jest/package.json'), '../bin/jest.js');
  const args = [jest, '--config', join(fixtures, 'jest.config.cjs'), '--verbose', '--forceExit', fixture];
  const whole = { ...process.env, FORCE_COLOR: '0', NO_COLOR: '1', ...env };
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: fixtures, env: whole }, (error, stdout, stderr) => {
      resolve({ exitCode: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
}
