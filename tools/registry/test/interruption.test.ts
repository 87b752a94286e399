import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { layOut } from '../src/lay-out.ts';
import { testFolder } from './test-folder.ts';

jest.setTimeout(60_000);

const folder = testFolder();
const source = (file: string) => JSON.stringify(join(__dirname, '../src', file));

/** Says where its temporary folder is, then waits for a program that never ends. */
const script = `
  import { interruption } from ${source('interruption.ts')};
  import { commandRunner } from ${source('run-command.ts')};
  import { withTemporaryFolder } from ${source('temporary-folder.ts')};

  const signal = interruption();
  const run = commandRunner({ env: process.env, signal });
  const forever = 'console.log(process.pid); setInterval(() => {}, 1000)';
  await withTemporaryFolder(async (temporary) => {
    const running = run(process.execPath, ['-e', forever], { cwd: temporary });
    console.log(temporary);
    await running;
  }).catch((error) => {
    console.log(error.message);
    process.exitCode = 130;
  });
`;

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('leaves no folder and no program behind on %s', async (signal) => {
  await layOut(folder, { 'main.mts': script });
  const child = spawn(process.execPath, ['--import', 'tsx', join(folder, 'main.mts')], {
    cwd: join(__dirname, '..'),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    while (!output.includes('\n')) await once(child.stdout, 'data');
    const temporary = output.trim();
    expect(existsSync(temporary)).toBe(true);

    child.kill(signal);
    child.kill(signal);
    // It ends by itself only if nothing that it started keeps its pipes open.
    await expect(once(child, 'close')).resolves.toEqual([130, null]);
    expect(output.split('\n')).toContain(`interrupted by ${signal}`);
    expect(existsSync(temporary)).toBe(false);
  } finally {
    // So that it can end its own child, if a line above has failed.
    child.kill('SIGTERM');
  }
});
