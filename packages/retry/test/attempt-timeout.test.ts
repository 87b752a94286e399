import { DeadlineExceededError, withCancel, withTimeout, type Context } from '@patterns/context';
import { VirtualClock } from '@patterns/context/testing';
import { attemptOf, constant, retry, type AttemptContext } from '@patterns/retry';

const never = (): Promise<never> => new Promise(() => undefined);

describe('an attempt timeout', () => {
  it('fails an attempt that does not stop, and the next may succeed', async () => {
    const clock = new VirtualClock();
    const seen: unknown[] = [];
    const call = retry((ctx) => (seen.push(ctx.previousError), ctx.attempt < 3 ? never() : ctx.attempt), {
      clock,
      attemptTimeoutMs: 100,
      backoff: constant(10),
    });
    await clock.runAll();
    expect(await call).toBe(3);
    expect(clock.now()).toBe(220);
    expect(seen[2]).toBeInstanceOf(DeadlineExceededError);
    expect(seen[2]).toMatchObject({ deadlineName: 'attempt', timeoutMs: 100, code: 'ERR_DEADLINE_EXCEEDED' });
  });

  it('rejects with its error when it is the last', async () => {
    const clock = new VirtualClock();
    const call = retry(never, { clock, attemptTimeoutMs: 100, maxAttempts: 1 });
    const caught = call.catch((error: unknown) => error);
    await clock.runAll();
    expect(await caught).toBeInstanceOf(DeadlineExceededError);
  });

  it('gives each attempt a context of its own, which ends with it', async () => {
    const clock = new VirtualClock();
    const contexts: AttemptContext[] = [];
    const call = retry(
      (ctx) => {
        contexts.push(ctx);
        expect([ctx.deadline, ctx.remaining(), ctx.done]).toEqual([clock.now() + 100, 100, false]);
        expect(attemptOf(ctx)).toBe(ctx);
        if (ctx.attempt === 1) return never();
        if (ctx.attempt === 2) throw new Error('down');
        return ctx.attempt;
      },
      { clock, attemptTimeoutMs: 100, backoff: constant(10) },
    );
    await clock.runAll();
    expect(await call).toBe(3);
    expect(new Set(contexts.map(({ signal }) => signal)).size).toBe(3);
    expect(contexts.map(({ done }) => done)).toEqual([true, true, true]);
    expect(contexts.map(({ signal }) => (signal.reason as Error).name)).toEqual([
      'TimeoutError',
      'AbortError',
      'AbortError',
    ]);
  });

  it('stops its timer with the attempt', async () => {
    const clock = new VirtualClock();
    expect(await retry(() => 1, { clock, attemptTimeoutMs: 100 })).toBe(1);
    await expect(retry(() => Promise.reject(new TypeError()), { clock, attemptTimeoutMs: 100 })).rejects.toThrow(
      TypeError,
    );
    expect(clock.pending).toBe(0);
  });

  it('ignores what an attempt does after it', async () => {
    const clock = new VirtualClock();
    const late: (() => void)[] = [];
    let calls = 0;
    const call = retry(
      () =>
        new Promise<string>((resolve, reject) => {
          calls++;
          late.push(
            () => {
              resolve('late');
            },
            () => {
              reject(new Error('late'));
            },
          );
          if (calls === 3) resolve('in time');
        }),
      { clock, attemptTimeoutMs: 100, backoff: constant(10) },
    );
    await clock.advance(100);
    late[0]?.();
    await clock.advance(110);
    late[3]?.();
    await clock.advance(1_000);
    expect(await call).toBe('in time');
    expect(calls).toBe(3);
    await new Promise(setImmediate);
  });

  it('counts as a failure even if the operation then gives a value, or rejects in its own way', async () => {
    const clock = new VirtualClock();
    for (const settle of ['resolve', 'reject'] as const) {
      const call = retry(
        (ctx: Context) =>
          new Promise((resolve, reject) => {
            ctx.signal.addEventListener('abort', () => {
              (settle === 'resolve' ? resolve : reject)(new Error('mine'));
            });
          }),
        { clock, attemptTimeoutMs: 100, maxAttempts: 1 },
      ).catch((error: unknown) => error);
      await clock.runAll();
      expect(await call).toMatchObject({ name: 'TimeoutError', deadlineName: 'attempt' });
    }
  });

  it('of 0 fails every attempt at once', async () => {
    let calls = 0;
    const call = retry(() => ++calls, { attemptTimeoutMs: 0, backoff: constant(0) });
    await expect(call).rejects.toBeInstanceOf(DeadlineExceededError);
    expect(calls).toBe(3);
  });

  it('may be excluded from what is retried', async () => {
    const clock = new VirtualClock();
    const call = retry(never, { clock, attemptTimeoutMs: 100, retryIf: 'ECONNRESET' }).catch((error: unknown) => error);
    await clock.runAll();
    expect(await call).toBeInstanceOf(DeadlineExceededError);
    expect(clock.now()).toBe(100);
  });

  it('is under the deadline of the caller, whose error wins', async () => {
    const clock = new VirtualClock();
    const signal = withTimeout(undefined, 50, { clock, name: 'request' });
    const call = retry(
      (ctx) =>
        new Promise((_, reject) => {
          ctx.signal.addEventListener('abort', () => {
            reject(new Error('stopped', { cause: ctx.cause }));
          });
        }),
      {
        signal,
        attemptTimeoutMs: 100,
      },
    ).catch((error: unknown) => error);
    await clock.runAll();
    expect(await call).toMatchObject({ deadlineName: 'request' });
  });

  it('is on the clock of the caller, and on the one given where the caller has none', async () => {
    const clock = new VirtualClock();
    const other = new VirtualClock({ now: 5_000 });
    const signal = withTimeout(undefined, 1_000, { clock });
    expect(await retry((ctx) => ctx.deadline, { signal, clock: other, attemptTimeoutMs: 100 })).toBe(100);
    expect(await retry((ctx) => ctx.deadline, { signal: withCancel(), clock: other, attemptTimeoutMs: 100 })).toBe(
      5_100,
    );
  });

  describe('when the caller gives up during an attempt', () => {
    it('waits for the operation, which has been told', async () => {
      const clock = new VirtualClock();
      const ctx = withCancel();
      let finish: (value: string) => void = () => undefined;
      const call = retry(() => new Promise<string>((resolve) => (finish = resolve)), {
        clock,
        signal: ctx,
        attemptTimeoutMs: 100,
      });
      let settled = false;
      void call.then(() => (settled = true));
      await clock.advance(10);
      ctx.cancel('enough');
      await clock.advance(10);
      expect(settled).toBe(false);
      finish('done anyway');
      expect(await call).toBe('done anyway');
      expect(clock.pending).toBe(0);
    });

    it('but not longer than the attempt could have taken', async () => {
      const clock = new VirtualClock();
      const ctx = withCancel();
      const caught = retry(never, { clock, signal: ctx, attemptTimeoutMs: 100 }).catch((error: unknown) => [
        error,
        clock.now(),
      ]);
      await clock.advance(10);
      ctx.cancel('enough');
      await clock.advance(1_000);
      expect(await caught).toEqual(['enough', 100]);
      expect(clock.pending).toBe(0);
    });
  });
});
