import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';

export interface InterruptOptions {
  readonly cwd: string;
  /** Sent to the program alone, not to its group, as `kill` does. @defaultValue `'SIGINT'` */
  readonly signal?: NodeJS.Signals;
  /** Sent when what it has printed matches. @defaultValue as soon as it prints anything */
  readonly when?: RegExp;
}

export interface Interrupted {
  /** As a shell says it: 128 and the number of the signal for a program that let itself be ended by it. */
  readonly exitCode: number;
  readonly output: string;
  /** From the signal to the exit. */
  readonly tookMs: number;
  /** Command lines of the processes that it started and that are still there. */
  readonly leftBehind: readonly string[];
}

let programs = 0;

/** Runs a program of Node, interrupts it, and tells how it ended. What it starts is known by a variable in its environment. Linux only. */
export async function interrupt(args: readonly string[], options: InterruptOptions): Promise<Interrupted> {
  const { cwd, signal = 'SIGINT', when = /./ } = options;
  const marker = `PATTERNS_PROGRAM_${process.pid}_${programs++}`;
  // Without what a parent says of colours.
  const env = { PATH: process.env['PATH'], [marker]: '1' };
  const program = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(program, 'exit') as Promise<[number, null] | [null, NodeJS.Signals]>;

  let output = '';
  let interruptedAt = NaN;
  program.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
    if (!Number.isNaN(interruptedAt) || !when.test(output)) return;
    interruptedAt = performance.now();
    program.kill(signal);
  });
  const [code, endedBy] = await exited;
  const exitCode = code ?? 128 + constants.signals[endedBy];
  return { exitCode, output, tookMs: performance.now() - interruptedAt, leftBehind: processesWith(marker) };
}

function processesWith(variable: string): string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => read(pid, 'environ').includes(variable))
    .map((pid) => read(pid, 'cmdline').replaceAll('\0', ' '));
}

function read(pid: string, file: string): string {
  try {
    return readFileSync(join('/proc', pid, file), 'utf8');
  } catch {
    return ''; // gone in the meantime, or somebody else's
  }
}
