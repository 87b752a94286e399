import { withCancel, type Policy } from '@patterns/context';
import { VirtualClock } from '@patterns/context/testing';
import { constant, RetryPolicy } from '@patterns/retry';

describe('RetryPolicy', () => {
  it('has a name and a kind', () => {
    const policy: Policy = new RetryPolicy({ name: 'db' });
    expect([policy.name, policy.kind]).toEqual(['db', 'retry']);
    expect(new RetryPolicy().name).toBeUndefined();
  });

  it('keeps its options whatever becomes of the object they came in', async () => {
    const options = { maxAttempts: 2, backoff: constant(0) };
    const policy = new RetryPolicy(options);
    options.maxAttempts = 9;
    let calls = 0;
    await policy
      .execute(() => {
        calls++;
        throw new Error();
      })
      .catch(() => undefined);
    expect(calls).toBe(2);
  });

  it('runs many calls at once that know nothing of each other', async () => {
    const policy = new RetryPolicy({ backoff: constant(0) });
    const results = await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        policy.execute((ctx) => {
          if (ctx.attempt <= n % 3) throw new Error();
          return [n, ctx.attempt];
        }),
      ),
    );
    expect(results).toEqual(Array.from({ length: 100 }, (_, n) => [n, (n % 3) + 1]));
  });

  it('wraps a function: this, arguments and results pass through', async () => {
    interface Account {
      balance: number;
      attempts: number;
    }
    const account: Account = { balance: 5, attempts: 0 };
    const withdraw = new RetryPolicy({ backoff: constant(0) }).wrap(function (
      this: Account,
      amount: number,
      fee: number,
    ) {
      if (++this.attempts < 3) throw new Error('busy');
      return (this.balance -= amount + fee);
    });
    expect(await withdraw.call(account, 2, 1)).toBe(2);
    expect(account.attempts).toBe(3);
  });

  it('wraps an asynchronous function and one that throws at once', async () => {
    const policy = new RetryPolicy({ maxAttempts: 1 });
    expect(await policy.wrap(async (n: number) => Promise.resolve(n + 1))(1)).toBe(2);
    await expect(
      policy.wrap((): never => {
        throw new Error('at once');
      })(),
    ).rejects.toThrow('at once');
  });

  it.each([undefined, 5, {}])('refuses to wrap %p', (fn) => {
    expect(() => new RetryPolicy().wrap(fn as never)).toThrow(TypeError);
    expect(() => new RetryPolicy().wrap(fn as never)).toThrow('fn must be a function, got ');
  });

  describe('with a signal of its own', () => {
    const fail = (): never => {
      throw new Error();
    };

    it.each(['own', 'given'] as const)('ends a wait when the %s one does, with its reason', async (which) => {
      const clock = new VirtualClock();
      const own = withCancel();
      const given = new AbortController();
      const policy = new RetryPolicy({ signal: own, clock, backoff: constant(1_000) });
      const call = policy.execute(fail, { signal: given.signal });
      const caught = call.catch((error: unknown) => error);
      await clock.advance(10);
      if (which === 'own') own.cancel('own');
      else given.abort('given');
      expect(await caught).toBe(which);
      expect(clock.pending).toBe(0);
    });

    it('makes no call when it has ended, with or without another', async () => {
      const own = withCancel();
      own.cancel('closed');
      const policy = new RetryPolicy({ signal: own });
      let calls = 0;
      await expect(policy.execute(() => ++calls)).rejects.toBe('closed');
      await expect(policy.execute(() => ++calls, { signal: withCancel() })).rejects.toBe('closed');
      expect(calls).toBe(0);
    });

    it('accepts the same one twice', async () => {
      const own = withCancel();
      expect(await new RetryPolicy({ signal: own }).execute(() => 1, { signal: own })).toBe(1);
    });
  });

  it('rejects for a signal that is none', async () => {
    for (const policy of [new RetryPolicy(), new RetryPolicy({ signal: withCancel() })]) {
      await expect(policy.execute(() => 1, { signal: null as never })).rejects.toThrow(
        new TypeError('signal must be an AbortSignal or a Context or undefined, got null'),
      );
    }
  });

  it('ignores what other policies look at', async () => {
    expect(await new RetryPolicy().execute(() => 1, { key: 'a', idempotent: true })).toBe(1);
  });
});
