import { spawn } from 'node:child_process';

export interface Output {
  readonly stdout: string;
}

/** Runs a program to its end. @throws {CommandError} unless it exits with 0 */
export type RunCommand = (
  file: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
) => Promise<Output>;

export class CommandError extends Error {
  override readonly name = 'CommandError';

  constructor(command: string, outcome: string, output: string) {
    super(`${command}\n${outcome}${output === '' ? '' : `\n${output.trimEnd()}`}`);
  }
}

const timeLimitMs = 240_000;
const graceMs = 2_000;

/**
 * Every program runs in a process group of its own, and the group is killed when the program ends, however it ends: whatever a
 * tool started and forgot goes with it. A terminal's Ctrl-C reaches only our own group, so `signal` is what stops the others.
 */
export function commandRunner({
  env,
  signal,
}: {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}): RunCommand {
  return async (file, args, options) => {
    signal.throwIfAborted();
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: { ...env, ...options.env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const command = `$ ${[file, ...args].join(' ')}  (in ${options.cwd})`;
    const killGroup = (how: NodeJS.Signals) => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, how);
      } catch {
        // Nobody is left in it.
      }
    };
    const killAtExit = () => {
      killGroup('SIGKILL');
    };
    let lastResort: NodeJS.Timeout | undefined;
    const stop = () => {
      killGroup('SIGTERM');
      lastResort ??= setTimeout(killAtExit, graceMs);
    };
    const overdue = AbortSignal.timeout(timeLimitMs);
    const stopSignals = [signal, overdue];
    for (const stopSignal of stopSignals) stopSignal.addEventListener('abort', stop);
    process.once('exit', killAtExit);

    let stdout = '';
    let all = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      all += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      all += text;
    });
    child.once('exit', killAtExit);
    try {
      const outcome = await new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
        child.once('error', reject);
        child.once('close', (code, killedBy) => {
          resolve(code ?? killedBy);
        });
      });
      signal.throwIfAborted();
      if (overdue.aborted) throw new CommandError(command, `was still running after ${timeLimitMs / 1000} s`, all);
      if (outcome !== 0) throw new CommandError(command, `ended with ${outcome ?? 'no exit code'}`, all);
      return { stdout };
    } finally {
      clearTimeout(lastResort);
      for (const stopSignal of stopSignals) stopSignal.removeEventListener('abort', stop);
      process.off('exit', killAtExit);
    }
  };
}
