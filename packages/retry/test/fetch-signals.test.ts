import { getEventListeners } from 'node:events';
import { withCancel, type CancelableContext } from '@patterns/context';
import { constant } from '@patterns/retry';
import { retryFetch, type RetryFetchOptions } from '@patterns/retry/fetch';
import { collectGarbage, fault, startFaultServer, type FaultServer } from '@patterns-tools/test-kit';

const reason = new Error('closing');

/** Everything that may end a request, each on its own and beside the others. */
class Signals {
  readonly call = new AbortController();
  readonly options: CancelableContext = withCancel();
  readonly prepared = new AbortController();

  end(which: 'call' | 'options' | 'prepared'): void {
    if (which === 'options') this.options.cancel(reason);
    else this[which].abort(reason);
  }

  /** A call under all of them. */
  get(url: string, options: RetryFetchOptions): Promise<Response> {
    const prepare = (init: RequestInit): RequestInit => ({ ...init, signal: this.prepared.signal });
    const get = retryFetch({ maxAttempts: 1, signal: this.options, prepare, ...options });
    return get(url, { signal: this.call.signal });
  }

  /** Listeners left. */
  count(): number[] {
    return [this.call.signal, this.options.signal, this.prepared.signal].map(
      (signal) => getEventListeners(signal, 'abort').length,
    );
  }
}

const each = ['call', 'options', 'prepared'] as const;
const timeouts = [{}, { attemptTimeoutMs: 60_000 }];
const table = each.flatMap((which) => timeouts.map((options) => [which, options] as const));

describe('each of several signals', () => {
  let server: FaultServer;
  beforeAll(async () => {
    server = await startFaultServer();
  });
  afterAll(() => server.close());

  it.each(table)('ends a request that nobody else holds: that of the %s, %j', async (which, options) => {
    const signals = new Signals();
    // Rooted in nothing but the signals.
    const fetch = async (_: unknown, init?: RequestInit): Promise<Response> =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => {
          reject(init.signal?.reason as Error);
        });
      });
    const call = signals.get('http://x/', { fetch, ...options });
    await collectGarbage();
    signals.end(which);
    await expect(call).rejects.toBe(reason);
    expect(signals.count()).toEqual([0, 0, 0]);
  });

  it.each(table)('ends a body that is being read: that of the %s, %j', async (which, options) => {
    const signals = new Signals();
    const response = await signals.get(server.url('/', fault.stalledBody()), options);
    const text = response.text();
    await collectGarbage();
    signals.end(which);
    await expect(text).rejects.toThrow('closing');
    expect(signals.count()).toEqual([0, 0, 0]);
  });

  it.each(each)('ends what goes on behind a response that shows no body: that of the %s', async (which) => {
    const signals = new Signals();
    let signal: AbortSignal | null | undefined;
    const fetch = async (_: unknown, init?: RequestInit): Promise<Response> => {
      signal = init?.signal;
      return Promise.resolve({ status: 200, headers: new Headers() } as never);
    };
    const response = await signals.get('http://x/', { fetch });
    await collectGarbage();
    signals.end(which);
    expect([response.status, signal?.reason]).toEqual([200, reason]);
  });

  it('is left alone at once by a request that fails, and by an answer without a body', async () => {
    const signals = new Signals();
    const answers = [
      () => Promise.reject(new Error('down')),
      () => Promise.resolve(new Response(null, { status: 204 })),
      () => Promise.resolve({ status: 200, body: 'read already' } as never),
    ];
    for (const fetch of answers) {
      await signals.get('http://x/', { fetch, attemptTimeoutMs: 60_000 }).catch(() => undefined);
      expect(signals.count()).toEqual([0, 0, 0]);
    }
  });

  it('that has ended before ends the request', async () => {
    const signals = new Signals();
    signals.end('prepared');
    await expect(signals.get(server.url('/'), {})).rejects.toBe(reason);
    expect(signals.count()).toEqual([0, 0, 0]);
  });

  it('that is none rejects, and the others are left alone', async () => {
    const signals = new Signals();
    const prepare = (): RequestInit => ({ signal: {} as AbortSignal });
    await expect(signals.get(server.url('/'), { prepare })).rejects.toThrow(TypeError);
    expect(signals.count()).toEqual([0, 0, 0]);
  });
});

describe('signals that outlive many calls', () => {
  /** Of which Node.js 20 never forgets any. */
  const dependantsOf = (signal: AbortSignal): number =>
    Object.getOwnPropertySymbols(signal)
      .filter(({ description }) => description === 'kDependantSignals')
      .map((symbol) => (signal as unknown as Record<symbol, ReadonlySet<unknown> | undefined>)[symbol]?.size ?? 0)
      .reduce((sum, size) => sum + size, 0);

  it.each<[string, RetryFetchOptions, number]>([
    ['with an attempt timeout', { attemptTimeoutMs: 60_000 }, 200],
    ['with a signal in the options', {}, 200],
    ['that end with a failure', { attemptTimeoutMs: 60_000, maxAttempts: 2, backoff: constant(0) }, 503],
  ])(
    'keep nothing of these: %s',
    async (_, options, status) => {
      const own = new AbortController();
      const given = new AbortController();
      const fetch = async (): Promise<Response> => Promise.resolve(new Response('body', { status }));
      const get = retryFetch({ fetch, signal: own.signal, ...options });
      for (let calls = 0; calls < 2_000; calls++) await get('http://x/', { signal: given.signal });
      // Whose finalizers run when they like.
      for (let left = 20; left > 0 && getEventListeners(given.signal, 'abort').length > 0; left--) {
        await collectGarbage();
      }
      for (const signal of [own.signal, given.signal]) {
        expect([getEventListeners(signal, 'abort').length, dependantsOf(signal)]).toEqual([0, 0]);
      }
    },
    60_000,
  );
});
