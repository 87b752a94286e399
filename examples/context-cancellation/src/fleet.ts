import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { waitFor, withTimeout, type Context } from '@patterns/context';
import { at } from '@patterns-tools/narrator';
import type { LogEntry } from './services/log.ts';

export type ServiceName = 'inventory' | 'payment' | 'order';

/** Something that a service has said. */
export type Happening = LogEntry & { readonly service: ServiceName };

interface Waiter {
  readonly isIt: (happening: Happening) => boolean;
  readonly resolve: () => void;
}

/** The three services, each a process of its own. What they say is told as it comes, and remembered for the scene. */
export class Fleet implements AsyncDisposable {
  readonly #processes = new Map<ServiceName, ChildProcess>();
  readonly #urls = new Map<ServiceName, string>();
  readonly #waiters = new Set<Waiter>();
  #happenings: Happening[] = [];
  #sceneBegan = performance.now();

  /** Each of them is told where the others are, as a container would be. */
  async start(ctx: Context): Promise<void> {
    await this.#startService('inventory', ctx);
    await this.#startService('payment', ctx);
    await this.#startService('order', ctx);
  }

  get url(): string {
    return this.#urls.get('order') ?? '';
  }

  get happenings(): readonly Happening[] {
    return this.#happenings;
  }

  beginScene(): void {
    this.#happenings = [];
    this.#sceneBegan = performance.now();
  }

  /** Milliseconds since the scene began. */
  elapsed(): number {
    return performance.now() - this.#sceneBegan;
  }

  /** Waits until it has happened, in this scene. */
  async until(ctx: Context, isIt: (happening: Happening) => boolean): Promise<void> {
    if (this.#happenings.some(isIt)) return;
    const happened = new Promise<void>((resolve) => {
      this.#waiters.add({ isIt, resolve });
    });
    using limit = withTimeout(ctx, 10_000, { name: 'what the scene waits for' });
    await waitFor(happened, { signal: limit });
  }

  /** Waits until the work at each of the paths has ended, one way or the other. */
  async ended(ctx: Context, ...paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      await this.until(ctx, (happening) => isEnd(happening) && happening.path === path);
    }
  }

  /** As an orchestrator does. Resolves with the exit code. */
  async terminate(service: ServiceName, ctx: Context): Promise<number | null> {
    const process = this.#processes.get(service);
    if (process === undefined) return null;
    // When all that it said has been heard.
    const closed = once(process, 'close') as Promise<[number | null]>;
    process.kill('SIGTERM');
    const [code] = await waitFor(closed, { signal: ctx });
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      [...this.#processes.values()]
        .filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
        .map(async (process) => {
          const exited = once(process, 'exit');
          process.kill('SIGKILL');
          await exited;
        }),
    );
  }

  async #startService(service: ServiceName, ctx: Context): Promise<void> {
    const program = fileURLToPath(new URL(`services/${service}.ts`, import.meta.url));
    const env = {
      ...process.env,
      INVENTORY_URL: this.#urls.get('inventory'),
      PAYMENT_URL: this.#urls.get('payment'),
    };
    const child = spawn(process.execPath, ['--import', 'tsx', program], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    this.#processes.set(service, child);
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.#hear({ service, ...(JSON.parse(line) as LogEntry) });
    });
    await this.until(ctx, (happening) => happening.service === service && happening.event === 'listening');
  }

  #hear(happening: Happening): void {
    if (happening.event === 'listening') this.#urls.set(happening.service, `http://127.0.0.1:${happening.port}`);
    this.#happenings.push(happening);
    at(this.elapsed(), `${happening.service.padEnd(9)} ${tell(happening)}`);
    for (const waiter of this.#waiters) {
      if (!waiter.isIt(happening)) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }
}

function isEnd(happening: Happening): happening is Extract<Happening, { readonly event: 'done' | 'stopped' }> {
  return happening.event === 'done' || happening.event === 'stopped';
}

function tell(happening: Happening): string {
  switch (happening.event) {
    case 'listening':
      return 'listens';
    case 'begins':
      return `${happening.path} begins with ${happening.leftMs} ms left`;
    case 'done':
      return `${happening.path} is done`;
    case 'stopped':
      return `${happening.path} STOPPED, ${happening.status}: ${happening.why}`;
    case 'shutting-down':
      return `ends: ${happening.why}`;
  }
}
