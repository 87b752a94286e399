import { withCancel } from '@patterns/context';
import { VirtualClock } from '@patterns/context/testing';
import { transient } from '@patterns/errors';
import {
  attemptOf,
  attempts,
  constant,
  RetryError,
  sequence,
  type AttemptsOptions,
  type Budget,
} from '@patterns/retry';

const down = new Error('down');
const noDelay: AttemptsOptions = { backoff: constant(0) };

describe('attempts', () => {
  it('go on after a failure, and end with the first that has none', async () => {
    const seen: unknown[] = [];
    for await (const attempt of attempts(noDelay)) {
      seen.push([attempt.attempt, attempt.previousError]);
      if (attempt.attempt < 3) attempt.failed(down);
    }
    expect(seen).toEqual([
      [1, undefined],
      [2, down],
      [3, down],
    ]);
  });

  it('throw what retry would', async () => {
    const loop = async (options: AttemptsOptions, error: unknown = down): Promise<void> => {
      for await (const attempt of attempts({ ...noDelay, ...options })) attempt.failed(error);
    };
    await expect(loop({})).rejects.toBe(down);
    await expect(loop({}, transient(down))).rejects.toBe(down);
    await expect(loop({ exhausted: 'wrap' })).rejects.toBeInstanceOf(RetryError);
    await expect(loop({ signal: AbortSignal.abort('enough') })).rejects.toBe('enough');
  });

  it('wait between two', async () => {
    const clock = new VirtualClock();
    const at: number[] = [];
    const loop = (async () => {
      for await (const attempt of attempts({ clock, backoff: sequence([10, 20]), maxAttempts: 9 })) {
        at.push(clock.now());
        attempt.failed(down);
      }
    })().catch(() => at.push(clock.now()));
    await clock.runAll();
    await loop;
    expect(at).toEqual([0, 10, 30, 30]);
  });

  it('are contexts, found from below', async () => {
    const ctx = withCancel();
    for await (const attempt of attempts({ signal: ctx })) {
      expect(attemptOf(attempt)).toBe(attempt);
      expect(attempt.signal).toBe(ctx.signal);
    }
  });

  it('are one call for each time the object is iterated', async () => {
    const twice = attempts(noDelay);
    const keys: string[] = [];
    for (let n = 0; n < 2; n++) {
      for await (const attempt of twice) {
        keys.push(attempt.idempotencyKey);
        if (attempt.attempt === 1) attempt.failed(down);
      }
    }
    expect([keys[0] === keys[1], keys[2] === keys[3], keys[1] === keys[2]]).toEqual([true, true, false]);
  });

  it('take the first error of several, and none after their end', async () => {
    const late: (() => void)[] = [];
    const seen: unknown[] = [];
    for await (const attempt of attempts(noDelay)) {
      seen.push(attempt.previousError);
      late.forEach((fail) => {
        fail();
      });
      if (attempt.attempt === 3) break;
      attempt.failed(attempt.attempt);
      attempt.failed('another');
      late.push(() => {
        attempt.failed('late');
      });
    }
    expect(seen).toEqual([undefined, 1, 2]);
  });

  describe('tell a budget', () => {
    const recorded: string[] = [];
    const budget: Budget = { record: (event) => void recorded.push(event), tryWithdraw: () => true };
    beforeEach(() => (recorded.length = 0));

    it.each(['end', 'break', 'return', 'throw'] as const)('of a success for a body that leaves by %s', async (how) => {
      const run = async (): Promise<void> => {
        for await (const attempt of attempts({ ...noDelay, budget })) {
          if (attempt.attempt === 1) {
            attempt.failed(down);
            continue;
          }
          if (how === 'break') break;
          if (how === 'return') return;
          if (how === 'throw') throw new Error('from the body');
        }
      };
      await run().catch(() => undefined);
      expect(recorded).toEqual(['call', 'failure', 'success']);
    });

    it('of nothing for a body that fails and leaves', async () => {
      for await (const attempt of attempts({ ...noDelay, budget })) {
        attempt.failed(down);
        break;
      }
      expect(recorded).toEqual(['call']);
    });
  });

  it('refuse an option out of range at once', () => {
    expect(() => attempts({ maxAttempts: 0 })).toThrow(RangeError);
    expect(() => attempts({ backoff: [] as never })).toThrow(TypeError);
  });

  it('do nothing until iterated', () => {
    const budget: Budget = {
      record: () => {
        throw new Error('called');
      },
      tryWithdraw: () => true,
    };
    attempts({ budget });
  });
});
