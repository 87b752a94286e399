import {
  CanceledError,
  createKey,
  sleep,
  withCancel,
  withTimeout,
  withValue,
  type ListenerErrorMessage,
} from '@patterns/context';
import { shutdownContext, ShutdownError } from '@patterns/context/process';
import { VirtualClock } from '@patterns/context/testing';
import { classify, deserialize, is, serialize, toProblem } from '@patterns/errors';
import { failOnLeaks, recordDiagnostics } from '@patterns-tools/test-kit';

failOnLeaks();

const raise = (signal: NodeJS.Signals): boolean => process.emit(signal, signal);
const listening = (): number[] => [process.listenerCount('SIGINT'), process.listenerCount('SIGTERM')];
const before = listening();
const more = (count: number): number[] => before.map((listeners) => listeners + count);
const never = (): never => {
  throw new Error('not to be called');
};

describe('the first signal', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('cancels with a cause that names it: %s', (signal) => {
    using ctx = shutdownContext({ onSecondSignal: never });
    const child = withCancel(ctx);
    raise(signal);
    expect(ctx.cause).toBeInstanceOf(ShutdownError);
    expect(ctx.cause).toMatchObject({
      name: 'ShutdownError',
      code: 'ERR_SHUTDOWN',
      signal,
      message: `shutting down: received ${signal}`,
    });
    expect(ctx.err).toBeInstanceOf(CanceledError);
    expect(is(ctx.err, ShutdownError)).toBe(true);
    expect([ctx.signal.reason, child.cause]).toEqual([ctx.cause, ctx.cause]);
    expect(listening()).toEqual(more(1));
  });

  it('ends waits at once', async () => {
    using ctx = shutdownContext({ onSecondSignal: never });
    const slept = sleep(60_000, { signal: ctx });
    raise('SIGTERM');
    await expect(slept).rejects.toBe(ctx.cause);
  });

  it('is heard only if it is one of those asked for', () => {
    using ctx = shutdownContext({ signals: ['SIGHUP'], onSecondSignal: never });
    expect(listening()).toEqual(before);
    expect(raise('SIGTERM')).toBe(false);
    expect(ctx.done).toBe(false);
    raise('SIGHUP');
    expect(ctx.cause).toMatchObject({ signal: 'SIGHUP' });
  });

  it('comes once, also where it is asked for twice', () => {
    using ctx = shutdownContext({ signals: ['SIGHUP', 'SIGHUP'], onSecondSignal: never });
    raise('SIGHUP');
    expect(ctx.done).toBe(true);
  });

  it('is heard by every context, each for itself', () => {
    using a = shutdownContext({ onSecondSignal: never });
    using b = shutdownContext({ onSecondSignal: never });
    raise('SIGINT');
    expect(a.done && b.done && a.cause !== b.cause).toBe(true);
  });
});

describe('the second signal', () => {
  it('forces, whichever it is, once, and leaves the third to Node', () => {
    const forced: NodeJS.Signals[] = [];
    const handlers: number[][] = [];
    using ctx = shutdownContext({
      onSecondSignal: (signal) => {
        forced.push(signal);
        handlers.push(listening());
      },
    });
    raise('SIGTERM');
    raise('SIGINT');
    expect(forced).toEqual(['SIGINT']);
    expect(handlers).toEqual([before]);
    raise('SIGINT');
    expect(forced).toEqual(['SIGINT']);
    expect(ctx.cause).toMatchObject({ signal: 'SIGTERM' });
  });

  it('is as good as come when the grace is over, once', async () => {
    const clock = new VirtualClock();
    const forced: NodeJS.Signals[] = [];
    shutdownContext({
      parent: withTimeout(undefined, 1e6, { clock }),
      graceMs: 100,
      onSecondSignal: (signal) => void forced.push(signal),
    });
    await clock.advance(1_000);
    raise('SIGTERM');
    await clock.advance(99);
    expect(forced).toEqual([]);
    await clock.advance(1);
    expect(forced).toEqual(['SIGTERM']);
    raise('SIGTERM');
    expect(forced).toEqual(['SIGTERM']);
    expect(listening()).toEqual(before);
  });

  it('takes the place of the end of the grace', async () => {
    const clock = new VirtualClock();
    let forced = 0;
    const parent = withTimeout(undefined, 1e6, { clock });
    shutdownContext({ parent, graceMs: 100, onSecondSignal: () => (forced += 1) });
    raise('SIGTERM');
    raise('SIGTERM');
    parent.cancel();
    expect(clock.pending).toBe(0);
    await clock.advance(200);
    expect(forced).toBe(1);
  });

  it('is waited for with no timer without a grace, and with one that holds nothing open', () => {
    const timers: unknown[] = [];
    const clock = {
      now: () => 0,
      setTimeout: (_fn: () => void, ms: number, options?: object) => {
        timers.push([ms, options]);
        return { [Symbol.dispose]: () => undefined };
      },
    };
    const parent = withTimeout(undefined, 1e6, { clock });
    const before = timers.length;
    for (const graceMs of [undefined, Infinity, 100]) {
      using ctx = shutdownContext({ parent, graceMs, onSecondSignal: never });
      raise('SIGTERM');
      expect(ctx.done).toBe(true);
    }
    expect(timers.slice(before)).toEqual([[100, { ref: false }]]);
    parent.cancel();
  });

  it('may come at once: a grace of 0', async () => {
    const forced = new Promise((resolve) => {
      shutdownContext({ graceMs: 0, onSecondSignal: resolve });
    });
    raise('SIGINT');
    expect(await forced).toBe('SIGINT');
  });

  it('goes on where its callback throws or rejects', async () => {
    using recorder = recordDiagnostics<{ 'patterns:context:listener-error': ListenerErrorMessage }>([
      'patterns:context:listener-error',
    ]);
    const error = new Error('no');
    const throwing = () => {
      throw error;
    };
    for (const onSecondSignal of [throwing, (): unknown => Promise.reject(error)]) {
      shutdownContext({ name: 'api', onSecondSignal });
      raise('SIGTERM');
      raise('SIGTERM');
      await new Promise((resolve) => setImmediate(resolve));
    }
    const record = {
      name: 'patterns:context:listener-error',
      message: { name: 'api', listener: 'onSecondSignal', error },
    };
    expect(recorder.records).toEqual([record, record]);
  });

  it('exits with 128 and its number, as long as nobody decides otherwise', () => {
    const exit = jest.spyOn(process, 'exit').mockImplementation(() => undefined as never);
    for (const signals of [
      ['SIGTERM', 'SIGINT'],
      ['SIGINT', 'SIGTERM'],
    ] as const) {
      shutdownContext();
      for (const signal of signals) raise(signal);
    }
    expect(exit.mock.calls).toEqual([[130], [143]]);
    exit.mockRestore();
  });
});

describe('cancel and dispose', () => {
  it.each(['cancel', 'dispose'] as const)('%s before a signal ends it and takes the handlers away', (how) => {
    const ctx = shutdownContext({ onSecondSignal: never });
    expect(listening()).toEqual(more(1));
    if (how === 'cancel') ctx.cancel('own');
    else ctx[Symbol.dispose]();
    expect(ctx.done).toBe(true);
    expect(listening()).toEqual(before);
    expect(raise('SIGTERM')).toBe(false);
    expect(ctx.cause).toEqual(how === 'cancel' ? 'own' : ctx.err);
  });

  it.each(['cancel', 'dispose'] as const)(
    '%s after a signal takes handlers and grace away, and changes no cause',
    async (how) => {
      const clock = new VirtualClock();
      const parent = withTimeout(undefined, 1e6, { clock });
      const ctx = shutdownContext({ parent, graceMs: 100, onSecondSignal: never });
      raise('SIGTERM');
      const { cause } = ctx;
      if (how === 'cancel') ctx.cancel('later');
      else ctx[Symbol.dispose]();
      expect(ctx.cause).toBe(cause);
      expect(listening()).toEqual(before);
      parent.cancel();
      expect(clock.pending).toBe(0);
      await clock.advance(200);
      ctx.cancel();
      expect(ctx.cause).toBe(cause);
    },
  );

  it('may come from whoever hears of the end', () => {
    const ctx = shutdownContext({ graceMs: 100, onSecondSignal: never });
    ctx.signal.addEventListener('abort', ctx.cancel, { once: true });
    raise('SIGTERM');
    expect(ctx.cause).toMatchObject({ signal: 'SIGTERM' });
    expect(listening()).toEqual(before);
  });

  it('cancel is bound', () => {
    const { cancel } = shutdownContext({ onSecondSignal: never });
    cancel();
    expect(listening()).toEqual(before);
  });
});

describe('the parent', () => {
  it('ends it, and leaves the handlers for the signals that come while the work winds down', () => {
    const parent = withCancel();
    const forced: NodeJS.Signals[] = [];
    using ctx = shutdownContext({ parent, onSecondSignal: (signal) => void forced.push(signal) });
    parent.cancel('done');
    expect(ctx.cause).toBe('done');
    expect(listening()).toEqual(more(1));
    raise('SIGTERM');
    expect([ctx.cause, forced]).toEqual(['done', []]);
    raise('SIGINT');
    expect([ctx.cause, forced]).toEqual(['done', ['SIGINT']]);
  });

  it('gives it values and deadline, and may be done already', () => {
    const tenant = createKey<string>('tenant');
    const parent = withTimeout(withValue(undefined, tenant, 'acme'), 60_000);
    using ctx = shutdownContext({ parent });
    expect(ctx.value(tenant)).toBe('acme');
    expect(ctx.remaining()).toBeGreaterThan(0);
    parent.cancel('over');
    using late = shutdownContext({ parent });
    expect(late.cause).toBe('over');
    using below = shutdownContext({ parent: AbortSignal.abort('why') });
    expect(below.cause).toBe('why');
  });

  it('keeps nothing of it', () => {
    const controller = new AbortController();
    for (let n = 0; n < 10_000; n++) shutdownContext({ parent: controller.signal }).cancel();
    expect(listening()).toEqual(before);
  });
});

it('shows its name', () => {
  using ctx = shutdownContext();
  using named = shutdownContext({ name: 'api' });
  expect(String(withCancel(ctx))).toBe('context.Background.shutdownContext(shutdown).withCancel');
  expect(String(named)).toBe('context.Background.shutdownContext(api)');
});

describe('the error', () => {
  it('is a cancellation, and a 503 to others', () => {
    const error = new ShutdownError('SIGTERM', { cause: 1, policy: 'x' });
    expect(classify(error).kind).toBe('canceled');
    expect(toProblem(error).status).toBe(503);
    expect(error).toMatchObject({ cause: 1, policy: 'x', stack: `ShutdownError: ${error.message}` });
  });

  it('comes back as what it was', () => {
    const back = deserialize(JSON.parse(JSON.stringify(serialize(new ShutdownError('SIGINT')))));
    expect(back).toBeInstanceOf(ShutdownError);
    expect(back).toMatchObject({ code: 'ERR_SHUTDOWN', message: 'shutting down: received SIGINT' });
  });
});

describe('misuse', () => {
  it.each<[string, () => unknown, new () => Error, string]>([
    [
      'a parent that is none',
      () => shutdownContext({ parent: null as never }),
      TypeError,
      'parent must be an AbortSignal or a Context',
    ],
    [
      'a signal that cannot be handled',
      () => shutdownContext({ signals: ['SIGINT', 'SIGKILL'] }),
      TypeError,
      'signals must be names of signals that can be handled, got "SIGKILL"',
    ],
    ['another one', () => shutdownContext({ signals: ['SIGSTOP'] }), TypeError, 'got "SIGSTOP"'],
    ['no signal at all', () => shutdownContext({ signals: ['toString' as never] }), TypeError, 'got "toString"'],
    ['a list for a signal', () => shutdownContext({ signals: [['SIGINT'] as never] }), TypeError, 'got an array'],
    [
      'no list',
      () => shutdownContext({ signals: null as never }),
      TypeError,
      'signals must be an array of names of signals, got null',
    ],
    ['a signal for a list', () => shutdownContext({ signals: 'SIGINT' as never }), TypeError, 'got "SIGINT"'],
    ['null for a name', () => shutdownContext({ name: null as never }), TypeError, 'name must be a string, got null'],
    ['a number for a name', () => shutdownContext({ name: 5 as never }), TypeError, 'got 5'],
    ['a grace below 0', () => shutdownContext({ graceMs: -1 }), RangeError, 'graceMs must be at least 0, got -1'],
    ['a grace that is none', () => shutdownContext({ graceMs: NaN }), RangeError, 'got NaN'],
    [
      'null for a grace',
      () => shutdownContext({ graceMs: null as never }),
      TypeError,
      'graceMs must be a number, at least 0, got null',
    ],
    ['text for a grace', () => shutdownContext({ graceMs: '5' as never }), TypeError, 'got "5"'],
    [
      'a callback that is none',
      () => shutdownContext({ onSecondSignal: 'exit' as never }),
      TypeError,
      'onSecondSignal must be a function, got "exit"',
    ],
  ])('%s is told at once, and leaves no handler', (_what, call, type, message) => {
    expect(call).toThrow(type);
    expect(call).toThrow(message);
    expect(listening()).toEqual(before);
  });

  it('options that are undefined count as left out', () => {
    using ctx = shutdownContext({
      name: undefined,
      parent: undefined,
      signals: undefined,
      graceMs: undefined,
      onSecondSignal: undefined,
    });
    expect(listening()).toEqual(more(1));
    expect(ctx.done).toBe(false);
  });
});
