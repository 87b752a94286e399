import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { waitFor, type Context } from '@patterns/context';
import type { Report } from './worker/report.ts';

export interface WorkerUrls {
  readonly pages: string;
  readonly jobs: string;
}

/** A worker in a process of its own. Disposing kills it. */
export class WorkerProcess implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #closed: Promise<unknown[]>;
  readonly #lines: AsyncIterator<string>;

  constructor({ pages, jobs }: WorkerUrls) {
    const program = fileURLToPath(new URL('worker/main.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', program], {
      env: { ...process.env, PAGES_URL: pages, JOBS_URL: jobs },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#process = child;
    this.#closed = once(child, 'close');
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** As an orchestrator does. */
  terminate(): void {
    this.#process.kill('SIGTERM');
  }

  /** What it says next. */
  async hear(ctx: Context): Promise<Report> {
    const line = await waitFor(this.#lines.next(), { signal: ctx });
    if (line.done === true) throw new Error('the worker has ended without a word');
    return JSON.parse(line.value) as Report;
  }

  /** Resolves with the exit code, or null if a signal ended it. */
  async exited(ctx: Context): Promise<number | null> {
    await waitFor(this.#closed, { signal: ctx });
    return this.#process.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGKILL'); // nothing, if it has ended
    await this.#closed;
  }
}
