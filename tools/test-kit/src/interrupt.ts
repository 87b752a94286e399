import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

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
  /** Command lines of the processes that it started and that are still there, when they have had time to end. */
  readonly leftBehind: readonly string[];
}

/** More than any program needs that is interrupted at all. */
const timeLimitMs = 50_000;
/** For the kernel to carry out a SIGKILL, while others use the processors. */
const mostRounds = 60;
const roundMs = 50;

let programs = 0;

/**
 * Runs a program of Node, interrupts it, and tells how it ended. It is held where its output matches until it has the signal: it cannot go on, or end,
 * before. What it starts is known by a variable in its environment. Linux only.
 */
export async function interrupt(args: readonly string[], options: InterruptOptions): Promise<Interrupted> {
  const { cwd, signal = 'SIGINT', when = /./ } = options;
  const marker = `PATTERNS_PROGRAM_${process.pid}_${programs++}`;
  // Without what a parent says of colours.
  const env = { PATH: process.env['PATH'], [marker]: '1' };
  const program = spawn(process.execPath, ['--import', holdAt(when), ...args], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  });
  const [, stdout, , hold] = program.stdio as unknown as [null, Readable, null, Writable];
  const exited = once(program, 'exit') as Promise<[number, null] | [null, NodeJS.Signals]>;
  const overdue = setTimeout(() => program.kill('SIGKILL'), timeLimitMs);

  let output = '';
  let interruptedAt = NaN;
  stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
    if (!Number.isNaN(interruptedAt) || !when.test(output)) return;
    interruptedAt = performance.now();
    program.kill(signal);
    hold.destroy();
  });
  const [code, endedBy] = await exited;
  const tookMs = performance.now() - interruptedAt;
  clearTimeout(overdue);
  hold.destroy();
  const exitCode = code ?? 128 + constants.signals[endedBy];
  return { exitCode, output, tookMs, leftBehind: await leftBehindBy(marker) };
}

/**
 * A module that holds the process which loads it, when what that has printed matches, until nobody can write to its descriptor 3. Not the threads and
 * processes that it starts with the same arguments.
 *
 * A thread that reads has the signal before it is let go. SIGSTOP would not do: what is sent to a stopped process waits, SIGCONT wakes all of its threads, and
 * while one of the others takes the signal the main thread runs on.
 */
function holdAt(when: RegExp): string {
  const source = `
    import { readSync } from 'node:fs';
    import { isMainThread } from 'node:worker_threads';
    if (isMainThread && process.ppid === ${process.pid}) {
      const { write } = process.stdout;
      let output = '';
      process.stdout.write = function (chunk, ...rest) {
        const result = write.call(this, chunk, ...rest);
        output += chunk;
        if (${String(when)}.test(output)) {
          process.stdout.write = write;
          readSync(3, new Uint8Array(1));
        }
        return result;
      };
    }`;
  return `data:text/javascript,${encodeURIComponent(source)}`;
}

async function leftBehindBy(marker: string): Promise<string[]> {
  let left = processesWith(marker);
  for (let round = 0; left.length > 0 && round < mostRounds; round++) {
    await new Promise((resolve) => setTimeout(resolve, roundMs));
    left = processesWith(marker);
  }
  return left;
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
