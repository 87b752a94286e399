import { clearTimer } from './clear-timer.ts';
import { asyncDisposeWith, disposeWith } from './dispose-with.ts';
import { VirtualClock } from './virtual-clock.ts';

describe('disposeWith', () => {
  class Handle implements Disposable, AsyncDisposable {
    declare readonly [Symbol.dispose]: () => void;
    declare readonly [Symbol.asyncDispose]: () => Promise<void>;
    static {
      disposeWith(Handle, 'release');
      asyncDisposeWith(Handle, 'close');
    }
    readonly calls: unknown[][] = [];
    release(...args: unknown[]): void {
      this.calls.push(['release', ...args]);
    }
    async close(...args: unknown[]): Promise<void> {
      await Promise.resolve();
      this.calls.push(['close', ...args]);
    }
  }

  it('makes using and await using call the plain method, without arguments', async () => {
    const handle = new Handle();
    {
      using used = handle;
      expect(used.calls).toEqual([]);
    }
    {
      await using used = handle;
      expect(used.calls).toEqual([['release']]);
    }
    expect(handle.calls).toEqual([['release'], ['close']]);
    expect(Object.keys(Handle.prototype)).toEqual([]);
  });

  it('calls the method of a subclass', () => {
    class Other extends Handle {
      override release(): void {
        this.calls.push(['other']);
      }
    }
    const other = new Other();
    other[Symbol.dispose]();
    expect(other.calls).toEqual([['other']]);
  });

  it('does nothing where the symbol is missing, and timers can be cleared nevertheless', () => {
    const { dispose } = Symbol;
    const hide = (value: unknown): void => {
      Object.defineProperty(globalThis, 'Symbol', { value, configurable: true, writable: true });
    };
    const RealSymbol = Symbol;
    hide(
      new Proxy(Symbol, {
        get: (target, key) => (key === 'dispose' ? undefined : (Reflect.get(target, key) as unknown)),
      }),
    );
    class Plain {
      release(): void {
        // Nothing to release.
      }
    }
    try {
      disposeWith(Plain, 'release');
    } finally {
      hide(RealSymbol);
    }
    expect(Object.getOwnPropertyNames(Plain.prototype)).toEqual(['constructor', 'release']);
    expect(dispose in Plain.prototype).toBe(false);
  });
});

describe('clearTimer', () => {
  it('clears timers of our clocks and whatever can be disposed', () => {
    const clock = new VirtualClock();
    clearTimer(clock.setTimeout(() => undefined, 5));
    expect(clock.pending).toBe(0);
    const disposed = jest.fn();
    clearTimer({ [Symbol.dispose]: disposed });
    expect(disposed).toHaveBeenCalledTimes(1);
  });
});
