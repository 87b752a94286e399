import { withCancel, withTimeout } from '@patterns/context';
import { VirtualClock } from '@patterns/context/testing';
import { attempts, constant, retry, type GiveUpEvent } from '@patterns/retry';
import { failOnLeaks } from '@patterns-tools/test-kit';
import { getEventListeners } from 'node:events';

failOnLeaks();

const reason = { because: 'closing' };

/** Whether it has settled by the time the promises that are ready have run. */
async function settledAtOnce(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(
    () => (settled = true),
    () => (settled = true),
  );
  for (let n = 0; n < 20; n++) await Promise.resolve();
  return settled;
}

describe('a caller who gives up during a wait', () => {
  it.each(['context', 'AbortSignal'] as const)(
    'ends it at once, with the reason, and no further call: %s',
    async (kind) => {
      const clock = new VirtualClock();
      const ctx = withCancel();
      const controller = new AbortController();
      let calls = 0;
      let event: GiveUpEvent | undefined;
      const call = retry(
        () => {
          calls++;
          throw new Error('down');
        },
        {
          clock,
          backoff: constant(800),
          signal: kind === 'context' ? ctx : controller.signal,
          onGiveUp: (given) => (event = given),
        },
      );
      const caught = call.catch((error: unknown) => error);
      await clock.advance(50);
      expect(clock.pending).toBe(1);

      if (kind === 'context') ctx.cancel(reason);
      else controller.abort(reason);
      expect(clock.pending).toBe(0);
      expect(await settledAtOnce(call)).toBe(true);
      expect(await caught).toBe(reason);
      expect(event).toEqual({
        name: undefined,
        reason: 'canceled',
        attempts: 1,
        elapsedMs: 50,
        error: new Error('down'),
        value: undefined,
      });

      await clock.advance(10_000);
      expect(calls).toBe(1);
      expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    },
  );

  it('ends a wait of 0 at once as well', async () => {
    const ctx = withCancel();
    let calls = 0;
    const call = retry(
      () => {
        calls++;
        throw new Error('down');
      },
      { backoff: constant(0), signal: ctx },
    );
    for (let n = 0; n < 20; n++) await Promise.resolve();
    ctx.cancel(reason);
    expect(await settledAtOnce(call)).toBe(true);
    await expect(call).rejects.toBe(reason);
    await new Promise(setImmediate);
    expect(calls).toBe(1);
  });

  it('ends a loop of attempts at once', async () => {
    const clock = new VirtualClock();
    const ctx = withCancel();
    let calls = 0;
    const loop = (async () => {
      for await (const attempt of attempts({ clock, signal: ctx, backoff: constant(800) })) {
        calls++;
        attempt.failed(new Error('down'));
      }
    })();
    const caught = loop.catch((error: unknown) => error);
    await clock.advance(1);
    ctx.cancel(reason);
    expect(await settledAtOnce(loop)).toBe(true);
    expect([await caught, calls, clock.pending]).toEqual([reason, 1, 0]);
  });
});

describe('a deadline that passes', () => {
  it('during an attempt: the caller gets its error, and the attempt is not left alone', async () => {
    const clock = new VirtualClock();
    const signal = withTimeout(undefined, 100, { clock, name: 'checkout' });
    let endOfAttempt: unknown;
    const call = retry(
      (ctx) =>
        new Promise((_, reject) => {
          ctx.signal.addEventListener(
            'abort',
            () => {
              endOfAttempt = ctx.signal.reason;
              reject(new Error('stopped'));
            },
            { once: true },
          );
        }),
      { signal },
    ).catch((error: unknown) => error);
    await clock.advance(100);
    expect(await call).toMatchObject({ name: 'TimeoutError', deadlineName: 'checkout' });
    expect(endOfAttempt).toBe(await call);
  });

  it('never sees a wait that would end at it or after', async () => {
    const clock = new VirtualClock();
    const signal = withTimeout(undefined, 100, { clock });
    const down = new Error('down');
    const call = retry(
      () => {
        throw down;
      },
      { signal, backoff: constant(100) },
    );
    await expect(call).rejects.toBe(down);
    expect(clock.now()).toBe(0);
  });
});

describe('a verdict that takes its time', () => {
  it.each(['retryIf', 'retryResultIf'] as const)('is not waited for by a caller who gives up: %s', async (option) => {
    const ctx = withCancel();
    let event: GiveUpEvent | undefined;
    const never = (): Promise<boolean> => new Promise(() => undefined);
    const operation = (): string => {
      if (option === 'retryIf') throw new Error('down');
      return 'pending';
    };
    const call = retry(operation, { signal: ctx, [option]: never, onGiveUp: (given) => (event = given) });
    for (let n = 0; n < 20; n++) await Promise.resolve();
    ctx.cancel(reason);
    expect(await settledAtOnce(call)).toBe(true);
    await expect(call).rejects.toBe(reason);
    expect(event).toMatchObject({ reason: 'canceled', attempts: 1 });
  });

  it('that rejects later is no unhandled rejection', async () => {
    const ctx = withCancel();
    let refuse: (error: Error) => void = () => undefined;
    const verdict = new Promise<boolean>((_, reject) => (refuse = reject));
    const call = retry(
      () => {
        throw new Error('down');
      },
      { signal: ctx, retryIf: () => verdict },
    );
    for (let n = 0; n < 20; n++) await Promise.resolve();
    ctx.cancel(reason);
    await expect(call).rejects.toBe(reason);
    refuse(new Error('late'));
    await new Promise(setImmediate);
  });
});
