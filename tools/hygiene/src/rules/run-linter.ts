import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Runs a script of `bin/` that prints its findings as JSON: linters that are ES modules only, which Jest cannot load. */
export async function runLinter(script: string, ...parameters: string[]): Promise<string[]> {
  const path = join(__dirname, '../../bin', script);
  const { stdout } = await promisify(execFile)(process.execPath, [path, ...parameters]);
  return JSON.parse(stdout) as string[];
}
