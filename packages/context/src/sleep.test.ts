import { getEventListeners } from 'node:events';
import { AsyncLocalStorage } from 'node:async_hooks';
import { recordDiagnostics } from '@patterns-tools/test-kit';
import { withCancel } from './cancel-context.ts';
import type { Clock } from './clock.ts';
import { withTimeout } from './deadline-context.ts';
import type { ContextDiagnostics } from './diagnostics.ts';
import { sleep } from './sleep.ts';
import { systemClock } from './system-clock.ts';
import { VirtualClock } from './virtual-clock.ts';

describe('sleep', () => {
  const clock = new VirtualClock();
  afterEach(() => {
    expect(clock.pending).toBe(0);
  });

  it('resolves when the time has come, not before', async () => {
    let awake = false;
    const slept = sleep(50, { clock }).then(() => (awake = true));
    await clock.advance(49.5);
    expect(awake).toBe(false);
    await clock.advance(0.5);
    await slept;
    expect(awake).toBe(true);
  });

  it('refuses what is no clock', async () => {
    for (const bad of [null, 5, {}, { now: () => 0 }]) {
      await expect(sleep(5, { clock: bad as never })).rejects.toThrow(/^clock must be/);
    }
  });

  it('lives by the clock of the context, unless told otherwise', async () => {
    using context = withTimeout(undefined, 1_000, { clock });
    const other = new VirtualClock();
    const slept = sleep(5, { signal: context });
    const elsewhere = sleep(5, { signal: context, clock: other });
    await clock.advance(5);
    await slept;
    await other.advance(5);
    await elsewhere;
  });

  it.each(['context', 'signal'] as const)(
    'rejects at once with the reason of a %s, and leaves nothing behind',
    async (kind) => {
      const context = withCancel();
      const { signal } = context;
      const slept = sleep(50, { clock, signal: kind === 'context' ? context : signal });
      context.cancel('why');
      expect(clock.pending).toBe(0);
      await expect(slept).rejects.toBe('why');
      expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    },
  );

  it('leaves no listener behind when it has slept', async () => {
    const { signal } = new AbortController();
    const slept = sleep(50, { clock, signal });
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await clock.advance(50);
    await slept;
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('rejects without a timer where the signal has ended before', async () => {
    const context = withCancel();
    context.cancel('why');
    const slept = sleep(50, { clock, signal: context });
    expect(clock.pending).toBe(0);
    await expect(slept).rejects.toBe('why');
    await expect(sleep(0, { signal: AbortSignal.abort('gone') })).rejects.toBe('gone');
  });

  it('ends with the deadline of the context', async () => {
    const context = withTimeout(undefined, 20, { clock });
    const slept = sleep(50, { signal: context });
    const outcome = slept.catch((error: unknown) => error);
    await clock.advance(20);
    expect(await outcome).toBe(context.cause);
  });

  it('of Infinity only ends by signal', async () => {
    const context = withCancel();
    const slept = sleep(Infinity, { clock, signal: context });
    await clock.advance(2 ** 40);
    context.cancel('enough');
    await expect(slept).rejects.toBe('enough');
  });

  it('of 0 waits for one turn of the event loop', async () => {
    const order: string[] = [];
    const slept = sleep(0).then(() => order.push('slept'));
    void Promise.resolve().then(() => order.push('microtask'));
    await slept;
    expect(order).toEqual(['microtask', 'slept']);
  });

  it('of 0 can be cancelled too', async () => {
    const context = withCancel();
    const slept = sleep(0, { signal: context, ref: false });
    context.cancel('why');
    await expect(slept).rejects.toBe('why');
  });

  it('of 0 waits for the clock it was given', async () => {
    let awake = false;
    const slept = sleep(0, { clock }).then(() => (awake = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(awake).toBe(false);
    await clock.advance(0);
    await slept;
  });

  it('rejects though its timer cannot be cleared, which is reported', async () => {
    const error = new Error('cannot clear');
    const stubborn: Clock = {
      now: () => 0,
      setTimeout: () => ({
        [Symbol.dispose]: () => {
          throw error;
        },
      }),
    };
    using reports = recordDiagnostics<ContextDiagnostics>(['patterns:context:listener-error']);
    const context = withCancel();
    const slept = sleep(50, { clock: stubborn, signal: context });
    context.cancel('why');
    await expect(slept).rejects.toBe('why');
    expect(reports.records.map(({ message }) => message)).toEqual([{ name: undefined, listener: 'clock', error }]);
  });

  it('leaves no listener behind where the clock fires at once, or cannot arm a timer', async () => {
    const { signal } = new AbortController();
    const instant: Clock = {
      now: () => 0,
      setTimeout: (fn) => {
        fn();
        return { [Symbol.dispose]: () => undefined };
      },
    };
    const broken: Clock = {
      now: () => 0,
      setTimeout: () => {
        throw new Error('no timer');
      },
    };
    await sleep(50, { clock: instant, signal });
    await expect(sleep(50, { clock: broken, signal })).rejects.toThrow('no timer');
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('holds the process open unless told not to', async () => {
    const armed = jest.spyOn(systemClock, 'setTimeout');
    const context = withCancel();
    const outcomes = [sleep(50, { signal: context }), sleep(50, { signal: context, ref: false })];
    expect(armed.mock.calls.map(([, , options]) => options)).toEqual([{ ref: true }, { ref: false }]);
    armed.mockRestore();
    context.cancel();
    await Promise.allSettled(outcomes);
  });

  it('goes on in the AsyncLocalStorage context of whoever slept', async () => {
    const store = new AsyncLocalStorage<string>();
    const seen = store.run('sleeper', async () => {
      await sleep(5, { clock });
      return store.getStore();
    });
    await clock.advance(5);
    expect(await seen).toBe('sleeper');
  });

  it('refuses a negative number, NaN, what is no number, and what is no signal', async () => {
    await expect(sleep(-1)).rejects.toThrow(new RangeError('ms must be at least 0, got -1'));
    await expect(sleep(NaN)).rejects.toThrow(RangeError);
    await expect(sleep('5' as never)).rejects.toThrow(TypeError);
    await expect(sleep(5, { signal: null as never })).rejects.toThrow('signal must be an AbortSignal or a Context');
  });
});
