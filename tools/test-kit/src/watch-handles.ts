import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type Leak, Ledger } from './ledger.ts';

/** As `process.getActiveResourcesInfo()` names them. Requests (a file being read, a name looked up) end by themselves and are not here, nor is a terminal. */
const handles: ReadonlySet<string> = new Set([
  'TCPServerWrap',
  'TCPSocketWrap',
  'PipeWrap',
  'UDPWrap',
  'ProcessWrap',
  'FSEventWrap',
  'StatWatcher',
  'MessagePort',
]);

/** Where Node tells who makes one, and under which property. */
const makers = {
  'tracing:net.server.listen:asyncStart': ['TCPServerWrap', 'server'],
  'net.client.socket': ['TCPSocketWrap', 'socket'],
  'udp.socket': ['UDPWrap', 'socket'],
  child_process: ['ProcessWrap', 'process'],
  worker_threads: ['MessagePort', 'worker'],
} as const;

/**
 * Counts servers, sockets, processes, watchers and threads that keep the process alive. An idle pooled socket does not, so it is no leak.
 * The numbers are the runtime's; the stacks come from its diagnostics channels, as far as it has them.
 */
export class HandleWatch {
  readonly #made = new Ledger();
  readonly #unsubscribe: (() => void)[] = [];
  #before = new Map<string, number>();
  #mark = 0;

  constructor() {
    for (const [channel, [handle, property]] of Object.entries(makers)) {
      const watched = (message: unknown): void => {
        const subject = new WeakRef((message as Record<string, object>)[property] ?? {});
        this.#made.add({ what: handle, isAlive: () => subject.deref() !== undefined }, watched);
      };
      subscribe(channel, watched);
      this.#unsubscribe.push(() => unsubscribe(channel, watched));
    }
    this.rebase();
  }

  /** What is there now is there rightly. */
  rebase(): void {
    this.#before = count();
    this.#mark = this.#made.begin();
  }

  /** What was made since the last {@link rebase}. Closing takes some turns of the event loop: ask again before it is called a leak. */
  get excess(): number {
    let excess = 0;
    for (const [handle, number] of count()) excess += Math.max(0, number - (this.#before.get(handle) ?? 0));
    return excess;
  }

  leaks(): Leak[] {
    const made = this.#made.takeLeaksSince(this.#mark);
    return [...count()].flatMap(([handle, number]) => {
      const excess = Math.max(0, number - (this.#before.get(handle) ?? 0));
      // The youngest are the likelier ones: those closed before may not be collected yet.
      const origins = made.filter(({ what }) => what === handle).slice(-excess);
      return Array.from({ length: excess }, (_, index) => ({
        what: `open handle: ${handle}`,
        origin: origins[index]?.origin ?? [],
        byRuntime: false,
      }));
    });
  }

  stop(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }
}

function count(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const resource of process.getActiveResourcesInfo()) {
    if (handles.has(resource)) counts.set(resource, (counts.get(resource) ?? 0) + 1);
  }
  return counts;
}
