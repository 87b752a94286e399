import { once } from 'node:events';
import { existsSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';

import { testFolder } from '../test/test-folder.ts';
import { commandRunner } from './run-command.ts';

const folder = testFolder();
const node = process.execPath;
const runner = (signal = new AbortController().signal) => commandRunner({ env: { PATH: process.env['PATH'] }, signal });

it('gives what a program prints', async () => {
  const script = 'console.log("out"); console.error("err")';
  await expect(runner()(node, ['-e', script], { cwd: folder })).resolves.toEqual({ stdout: 'out\n' });
});

it('adds to the environment, and takes nothing from its own', async () => {
  const { stdout } = await runner()(node, ['-p', 'Object.keys(process.env).sort().join()'], {
    cwd: folder,
    env: { EXTRA: '1' },
  });
  expect(stdout).toBe('EXTRA,PATH\n');
});

it('rejects with command, outcome and output when a program fails', async () => {
  const script = 'console.error("because"); process.exit(3)';
  const failure = runner()(node, ['-e', script], { cwd: folder });
  await expect(failure).rejects.toMatchObject({ name: 'CommandError' });
  await expect(failure).rejects.toThrow(/^\$ .* \(in .*\)\nended with 3\nbecause$/);
  await expect(runner()(node, ['-e', 'process.kill(process.pid)'], { cwd: folder })).rejects.toThrow('SIGTERM');
  await expect(runner()(join(folder, 'no-such-program'), [], { cwd: folder })).rejects.toMatchObject({
    code: 'ENOENT',
  });
});

/**
 * Starts a program that ignores SIGTERM, writes its process id to `pidFile`, and runs until it is killed. Where there is a file the id is in it: who sees it
 * may kill the program at once.
 */
const stubborn = (pidFile: string) => `
  const [pidFile, part] = ${JSON.stringify([pidFile, `${pidFile}.part`])};
  const { renameSync, writeFileSync } = require('fs');
  process.on('SIGTERM', () => {});
  writeFileSync(part, String(process.pid));
  renameSync(part, pidFile);
  setInterval(() => {}, 1000);`;

const spawnStubborn = (pidFile: string) => `
  require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(stubborn(pidFile))}], { stdio: 'inherit' });`;

async function written(file: string): Promise<number> {
  // It must not keep Jest from ending when the time of a test is over.
  const changes = watch(folder, { persistent: false });
  while (!existsSync(file)) await once(changes, 'change');
  changes.close();
  return Number(readFileSync(file, 'utf8'));
}

const isAlive = (pid: number): boolean => {
  try {
    // A killed process that nobody has waited for yet still answers to signals.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

/** SIGKILL has been sent; the kernel takes its time to carry it out. */
async function gone(pid: number): Promise<void> {
  for (let round = 0; isAlive(pid) && round < 4_000; round++) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(isAlive(pid)).toBe(false);
}

it('stops a program and what it started when the signal is aborted, and rejects with the reason', async () => {
  const controller = new AbortController();
  const pidFile = join(folder, 'aborted');
  const running = runner(controller.signal)(node, ['-e', `${spawnStubborn(pidFile)} setInterval(() => {}, 1000);`], {
    cwd: folder,
  });
  const grandchild = await written(pidFile);
  const reason = new Error('enough');
  controller.abort(reason);
  await expect(running).rejects.toBe(reason);
  await gone(grandchild);
});

it('kills what a program forgot to stop', async () => {
  const pidFile = join(folder, 'forgotten');
  const wait = `const timer = setInterval(() => { if (require('fs').existsSync(${JSON.stringify(pidFile)})) process.exit(); }, 5);`;
  await runner()(node, ['-e', spawnStubborn(pidFile) + wait], { cwd: folder });
  await gone(await written(pidFile));
});

it('starts nothing once the signal is aborted', async () => {
  const reason = new Error('enough');
  await expect(runner(AbortSignal.abort(reason))(node, ['--version'], { cwd: folder })).rejects.toBe(reason);
});
