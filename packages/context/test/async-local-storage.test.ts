import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { addAbortSignal, Readable } from 'node:stream';
import type * as Package from '@patterns/context';
import {
  afterFunc,
  createKey,
  merge,
  sleep,
  waitFor,
  withCancel,
  withTimeout,
  withValue,
  type Context,
} from '@patterns/context';
import { VirtualClock } from '@patterns/context/testing';
import { collectGarbage } from '@patterns-tools/test-kit';

const storage = new AsyncLocalStorage<string | object>();
const tenant = createKey<string>('tenant');
const never = new Promise<never>(() => undefined);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** As requests that are served at the same time: made in this order, each in a store of its own name. */
const requests = [
  ['alice', 30],
  ['bob', 10],
  ['carol', 20],
  ['dave', 40],
  ['erin', 10],
] as const;
const own = requests.map(([name]) => [name, name]);

type SeenBy = [name: string, store: unknown][];

function hear(seen: SeenBy, name: string, context: Context): void {
  context.signal.addEventListener('abort', () => {
    seen.push([name, storage.getStore()]);
  });
}

/** A deadline for each request, which hears of its end in whatever store that is. */
function serve(options?: Package.DeadlineOptions): SeenBy {
  const seen: SeenBy = [];
  for (const [name, ms] of requests) {
    storage.run(name, () => {
      hear(seen, name, withTimeout(undefined, ms, options));
    });
  }
  return seen;
}

describe('a listener of the signal of a context that a deadline ends', () => {
  it('sees the store in which the signal was asked for, whoever made the deadlines beside it', async () => {
    const seen = serve();
    await sleep(60);
    expect(seen.sort()).toEqual(own);
  });

  it('does so where a timer was armed anew', async () => {
    const seen: SeenBy = [];
    for (const name of ['first', 'second', 'third']) {
      await storage.run(name, async () => {
        hear(seen, name, withTimeout(undefined, 10));
        await sleep(4);
      });
    }
    await sleep(30);
    expect(seen).toEqual(['first', 'second', 'third'].map((name) => [name, name]));
  });

  it('does so on a clock of tests, whoever moves that', async () => {
    const clock = new VirtualClock();
    const seen = serve({ clock });
    await storage.run('test', () => clock.advance(60));
    expect(seen.sort()).toEqual(own);
  });

  it('does so under fake timers', () => {
    jest.useFakeTimers();
    const seen = serve();
    storage.run('test', () => {
      jest.advanceTimersByTime(60);
    });
    jest.useRealTimers();
    expect(seen.sort()).toEqual(own);
  });

  it('does so below the deadline, however that comes to be above', async () => {
    const clock = new VirtualClock();
    const above = storage.run('above', () => withTimeout(undefined, 10, { clock }));
    const seen: SeenBy = [];
    const derived: Record<string, () => Context> = {
      child: () => withCancel(withCancel(above)),
      value: () => withValue(withCancel(above), tenant, 'acme'),
      merged: () => merge(withCancel(), above),
      later: () => withTimeout(above, 500),
      earlier: () => withTimeout(above, 5),
      foreign: () => withCancel(withValue(handWritten(above), tenant, 'acme')),
    };
    for (const [name, derive] of Object.entries(derived)) {
      storage.run(name, () => {
        hear(seen, name, derive());
      });
    }
    await clock.advance(10);
    expect(seen.sort()).toEqual(
      Object.keys(derived)
        .map((name) => [name, name])
        .sort(),
    );
  });

  it('sees the store of who asked first', async () => {
    const clock = new VirtualClock();
    const context = withTimeout(undefined, 10, { clock });
    storage.run('first', () => context.signal);
    const seen: SeenBy = [];
    storage.run('second', () => {
      hear(seen, 'listener', context);
    });
    await clock.advance(10);
    expect(seen).toEqual([['listener', 'first']]);
  });

  it('does so where another listener asks before its turn has come', async () => {
    const clock = new VirtualClock();
    const above = withTimeout(undefined, 10, { clock });
    const below = withCancel(above);
    above.signal.addEventListener('abort', () => {
      expect(below.signal.aborted).toBe(true);
    });
    const seen: SeenBy = [];
    storage.run('below', () => {
      hear(seen, 'below', below);
    });
    await clock.advance(10);
    expect(seen).toEqual([['below', 'below']]);
  });

  it('may be one of Node, as of a stream', async () => {
    const seen = await Promise.all(
      requests.map(([name, ms]) =>
        storage.run(name, () => {
          const stream = addAbortSignal(withTimeout(undefined, ms).signal, new Readable({ read: () => undefined }));
          return new Promise((resolve) => {
            stream.on('error', () => {
              resolve([name, storage.getStore()]);
            });
          });
        }),
      ),
    );
    expect(seen).toEqual(own);
  });
});

it('a listener of a signal sees the store of whoever cancels', () => {
  const contexts = [withCancel(), withTimeout(undefined, 60_000), merge(withTimeout(undefined, 60_000))];
  const seen: SeenBy = [];
  for (const [index, context] of contexts.entries()) {
    storage.run('listener', () => {
      hear(seen, `context ${index}`, context);
      hear(seen, `below ${index}`, withCancel(context));
    });
    storage.run('canceller', context.cancel, new DOMException('not a deadline of ours', 'TimeoutError'));
  }
  expect(seen.map(([, store]) => store)).toEqual(Array(6).fill('canceller'));
});

it.each([
  ['afterFunc', (context: Context) => new Promise<void>((resolve) => afterFunc(context, resolve))],
  ['sleep', (context: Context) => sleep(60_000, { signal: context })],
  ['waitFor', (context: Context) => waitFor(never, { signal: context })],
])('%s keeps the store of whoever waits when a deadline ends it', async (_what, wait) => {
  const seen: SeenBy = [];
  const waits = requests.map(([name, ms]) =>
    storage.run(name, async () => {
      await wait(withTimeout(undefined, ms)).catch(() => undefined);
      seen.push([name, storage.getStore()]);
    }),
  );
  await Promise.all(waits);
  expect(seen.sort()).toEqual(own);
});

it('afterFunc runs its function in the store of whoever registered it when a deadline ends it', async () => {
  const seen = await Promise.all(
    requests.map(([name, ms]) =>
      storage.run(
        name,
        () =>
          new Promise((resolve) => {
            afterFunc(withTimeout(undefined, ms), () => {
              resolve([name, storage.getStore()]);
            });
          }),
      ),
    ),
  );
  expect(seen).toEqual(own);
});

it('who subscribes to diagnostics sees the store of no request', async () => {
  const seen: unknown[] = [];
  const record = (): void => void seen.push(storage.getStore());
  subscribe('patterns:context:deadline-exceeded', record);
  serve();
  await sleep(60);
  unsubscribe('patterns:context:deadline-exceeded', record);
  expect(seen).toEqual(requests.map(() => undefined));
});

describe('a deadline does not keep the store', () => {
  /** In a function of its own, so that nothing of it is left on the stack. */
  const inStore = (act: () => void): WeakRef<object> => {
    const store = {};
    storage.run(store, act);
    return new WeakRef(store);
  };

  it('of another one that armed the timer before it', async () => {
    const store = inStore(() => {
      withTimeout(undefined, 5);
    });
    const pending = withTimeout(undefined, 60_000);
    await sleep(20);
    await collectGarbage();
    expect([pending.done, store.deref()]).toEqual([false, undefined]);
    pending.cancel();
  });

  it('in which it was made, while nobody has asked for its signal', async () => {
    let pending: Package.CancelableContext | undefined;
    const store = inStore(() => {
      pending = withTimeout(undefined, 60_000);
    });
    await turn();
    await collectGarbage();
    expect([pending?.done, store.deref()]).toEqual([false, undefined]);
    pending?.cancel();
  });

  it('in which its signal was asked for, once it has ended', async () => {
    const clock = new VirtualClock();
    const contexts = [withTimeout(undefined, 5, { clock }), withTimeout(undefined, 60_000, { clock })];
    const stores = contexts.map((context) => inStore(() => context.signal));
    contexts[1]?.cancel();
    await clock.advance(5);
    await collectGarbage();
    expect([...contexts.map(({ done }) => done), ...stores.map((store) => store.deref())]).toEqual([
      true,
      true,
      undefined,
      undefined,
    ]);
  });
});

it('deadlines pass where there is no AsyncLocalStorage', async () => {
  const real = process.getBuiltinModule.bind<(id: string) => object | undefined>(process);
  const without = jest
    .spyOn(process, 'getBuiltinModule')
    .mockImplementation((id: string) => (id === 'node:async_hooks' ? undefined : real(id)));
  let copy: typeof Package | undefined;
  jest.isolateModules(() => {
    copy = jest.requireActual<typeof Package>('@patterns/context');
  });
  const context = copy?.withTimeout(undefined, 5);
  const told = new Promise<void>((resolve) => {
    context?.signal.addEventListener('abort', () => {
      resolve();
    });
  });
  await told;
  without.mockRestore();
  expect(context?.signal.reason).toMatchObject({ code: 'ERR_DEADLINE_EXCEEDED' });
});

/** Ends as the one given, of which it says all by itself. */
function handWritten(context: Context): Context {
  return {
    get signal() {
      return context.signal;
    },
    get deadline() {
      return context.deadline;
    },
    get done() {
      return context.done;
    },
    get err() {
      return context.err;
    },
    get cause() {
      return context.cause;
    },
    remaining: () => context.remaining(),
    value: (key) => context.value(key),
    throwIfDone: () => {
      context.throwIfDone();
    },
  };
}

it('leaves no handle that Jest takes for open', () => {
  const kept: object[] = [];
  const hook = createHook({
    init: (_id, type, _trigger, resource) => {
      if (type === 'patterns:context') kept.push(resource);
    },
  }).enable();
  const context = withTimeout(undefined, 60_000);
  expect(context.signal.aborted).toBe(false);
  hook.disable();
  context.cancel();
  expect(kept.map((resource) => (resource as { hasRef?: () => boolean }).hasRef?.())).toEqual([false]);
});
