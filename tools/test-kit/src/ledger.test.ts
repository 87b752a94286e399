import { promisify } from 'node:util';
import { Ledger, ledger } from './ledger.ts';
import { track } from './track.ts';
import { watchAbortListeners, watchEmitter } from './watch-listeners.ts';
import { watchTimers } from './watch-timers.ts';

const names = (mark: number): string[] => ledger.takeLeaksSince(mark).map(({ what }) => what);

describe('Ledger', () => {
  it('tells what was entered after the mark and is still alive, once, with the line that entered it', () => {
    const made = new Ledger();
    const alive = new Set(['before', 'kept']);
    const make = (what: string): void => {
      made.add({ what, isAlive: () => alive.has(what) }, make);
    };
    make('before');
    const mark = made.begin();
    make('kept');
    make('gone');
    const leaks = made.takeLeaksSince(mark);
    expect(leaks).toMatchObject([{ what: 'kept', byRuntime: false }]);
    expect(leaks[0]?.origin[0]).toMatch(/src\/ledger\.test\.ts:\d+:\d+/);
    expect(made.takeLeaksSince(mark)).toEqual([]);
    expect(made.takeLeaksSince(0)).toMatchObject([{ what: 'before' }]);
  });

  it('forgets the dead by itself', () => {
    const made = new Ledger();
    let asked = 0;
    const add = (): void => {
      made.add({ what: 'short-lived', isAlive: () => ++asked === 0 }, add);
    };
    for (let i = 0; i < 100_000; i++) add();
    // Each was asked once and dropped: had they stayed, each sweep would have asked all of them again.
    expect(asked).toBeLessThanOrEqual(100_000);
    expect(asked).toBeGreaterThanOrEqual(99_000);
  });
});

describe('watchTimers', () => {
  it('sees what is neither cleared nor fired, and puts the globals back', async () => {
    const before = [setTimeout, setInterval, setImmediate];
    const stop = watchTimers();
    const mark = ledger.begin();
    const timers = [setTimeout(() => undefined, 1000).unref(), setInterval(() => undefined, 2000)];
    const immediate = setImmediate(() => undefined);
    expect(names(mark)).toEqual(['setTimeout of 1000 ms', 'setInterval of 2000 ms', 'setImmediate']);
    for (const timer of timers) clearTimeout(timer);
    clearImmediate(immediate);

    setTimeout(() => undefined, 1000).close();
    await new Promise((resolve) => setTimeout(resolve, 0));
    await promisify(setTimeout)(0);
    expect(names(mark)).toEqual([]);
    stop();
    expect([setTimeout, setInterval, setImmediate]).toEqual(before);
  });
});

describe('watchAbortListeners', () => {
  const methods = ['addEventListener', 'removeEventListener'] as const;
  const listener = (): void => undefined;
  let stop: () => void;

  beforeEach(() => {
    stop = watchAbortListeners();
  });
  afterEach(() => {
    stop();
    for (const method of methods) expect(Object.hasOwn(AbortSignal.prototype, method)).toBe(false);
  });

  it('sees what was added and not removed', () => {
    const mark = ledger.begin();
    const { signal } = new AbortController();
    signal.addEventListener('abort', listener);
    signal.addEventListener('abort', { handleEvent: listener });
    signal.addEventListener('other', listener);
    signal.removeEventListener('abort', listener);
    expect(names(mark)).toEqual([`listener for 'abort' on an AbortSignal`]);
  });

  it('sees a listener that was added twice once, and that was added again', () => {
    const mark = ledger.begin();
    const { signal } = new AbortController();
    signal.addEventListener('abort', listener);
    signal.addEventListener('abort', listener);
    expect(names(mark)).toHaveLength(1);
    signal.removeEventListener('abort', listener);
    signal.addEventListener('abort', listener);
    expect(names(mark)).toHaveLength(1);
    signal.removeEventListener('abort', listener);
  });

  it('keeps the signal working', () => {
    const controller = new AbortController();
    const calls: string[] = [];
    const removed = (): void => {
      calls.push('removed');
    };
    controller.signal.addEventListener('abort', removed);
    controller.signal.addEventListener('abort', () => calls.push('kept'), { once: true });
    controller.signal.removeEventListener('abort', removed);
    controller.abort();
    expect(calls).toEqual(['kept']);
  });

  it('lets go what another signal took away', () => {
    const mark = ledger.begin();
    const { signal } = new AbortController();
    const remover = new AbortController();
    signal.addEventListener('abort', listener, { signal: remover.signal });
    remover.abort();
    expect(names(mark)).toEqual([]);
  });

  it('lets go what the abort took away', () => {
    const mark = ledger.begin();
    const controller = new AbortController();
    controller.signal.addEventListener('abort', listener, { once: true });
    controller.abort();
    expect(names(mark)).toEqual([]);
  });
});

describe('watchEmitter', () => {
  it('sees listeners on the emitter until they are removed', () => {
    const mark = ledger.begin();
    const stop = watchEmitter(process, 'process');
    const listener = (): void => undefined;
    process.once('SIGUSR2', listener);
    process.on('SIGHUP', listener);
    process.off('SIGHUP', listener);
    expect(names(mark)).toEqual([`listener for 'SIGUSR2' on process`]);
    process.off('SIGUSR2', listener);
    stop();
    expect(process.listenerCount('newListener')).toBe(0);
  });
});

describe('track', () => {
  class SubPromise<T> extends Promise<T> {}

  it('tells pending from settled, also for subclasses', async () => {
    const mark = ledger.begin();
    const tracked = [
      new Promise(() => undefined),
      new SubPromise(() => undefined),
      SubPromise.resolve({ a: '<pending>' }),
    ];
    for (const promise of tracked) void track(promise);
    const rejected = track(Promise.reject(new Error('no')));
    await expect(rejected).rejects.toThrow('no');
    expect(names(mark)).toEqual(['unsettled promise', 'unsettled promise']);
  });

  it('returns the promise itself and adds no reaction to it', () => {
    let reactions = 0;
    class Counting<T> extends Promise<T> {
      override then: Promise<T>['then'] = (...args) => {
        reactions++;
        return super.then(...args);
      };
    }
    const promise = new Counting<void>((resolve) => {
      resolve();
    });
    expect(track(promise)).toBe(promise);
    ledger.sweep();
    expect(reactions).toBe(0);
  });
});
