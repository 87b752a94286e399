import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface ProcessGroupOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Takes each line of standard output, which is passed through otherwise. */
  readonly onLine?: (line: string) => void;
}

/** How long a process may take to end after it was asked to. */
const graceMs = 1_000;

/**
 * A command with everything that it starts, as one process group: it ends as a whole, and a Ctrl-C on the terminal
 * reaches it only through {@link end}, so that nothing is left behind.
 */
export class ProcessGroup {
  readonly #leader: ChildProcess;
  /** Exit code of the leader, once its output has been read; 1 if a signal ended it or it could not be started. */
  readonly exitCode: Promise<number>;

  constructor(command: string, args: readonly string[], { cwd, env, onLine }: ProcessGroupOptions) {
    this.#leader = spawn(command, args, {
      cwd,
      env,
      stdio: ['ignore', onLine ? 'pipe' : 'inherit', 'inherit'],
      detached: true,
    });
    if (onLine && this.#leader.stdout) createInterface({ input: this.#leader.stdout }).on('line', onLine);
    this.exitCode = new Promise((resolve) => {
      this.#leader.once('error', () => {
        resolve(1);
      });
      this.#leader.once('close', (code) => {
        resolve(code ?? 1);
      });
    });
  }

  /** Asks the group to end, and insists after a second. Resolves when the leader is gone. */
  async end(): Promise<void> {
    if (!this.#signal('SIGTERM')) return;
    const insist = setTimeout(() => this.#signal('SIGKILL'), graceMs);
    await this.exitCode;
    clearTimeout(insist);
    // The leader may have gone before those it started.
    this.#signal('SIGKILL');
  }

  #signal(signal: NodeJS.Signals): boolean {
    if (this.#leader.pid === undefined) return false;
    try {
      return process.kill(-this.#leader.pid, signal);
    } catch {
      return false; // nobody left
    }
  }
}
