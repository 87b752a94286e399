import { failOnLeaks, recordDiagnostics } from '@patterns-tools/test-kit';
import { withCancel } from '@patterns/context';
import type { PoolDiagnostics } from './diagnostics.ts';
import { Pool } from './pool.ts';
import { PoolRefusedError } from './pool-refused-error.ts';

failOnLeaks();

/** An operation that ends when the test says so. */
function pending<T>(): { readonly run: () => Promise<T>; readonly end: (value: T) => void } {
  let end!: (value: T) => void;
  const promise = new Promise<T>((resolve) => {
    end = resolve;
  });
  return { run: () => promise, end };
}

it('ends as the operation does', async () => {
  const policy = new Pool();
  const failure = new RangeError('no');
  await expect(policy.execute(() => 1)).resolves.toBe(1);
  await expect(policy.execute(() => Promise.reject(failure))).rejects.toBe(failure);
  expect(policy.running).toBe(0);
});

it('refuses what goes beyond maxRunning, without a call, until one ends', async () => {
  const policy = new Pool({ name: 'db', maxRunning: 1 });
  const first = pending<string>();
  const operation = jest.fn(() => 'second');
  const running = policy.execute(first.run);

  const error = await policy.execute(operation).catch((refusal: unknown) => refusal);
  expect(error).toBeInstanceOf(PoolRefusedError);
  expect(error).toMatchObject({ code: 'ERR_POOL_REFUSED', maxRunning: 1, policy: 'db' });
  expect(operation).not.toHaveBeenCalled();

  first.end('first');
  await expect(running).resolves.toBe('first');
  await expect(policy.execute(operation)).resolves.toBe('second');
});

it('gives its place back when the operation throws at once', async () => {
  const policy = new Pool({ maxRunning: 1 });
  const failing = (): never => {
    throw new RangeError('at once');
  };
  await expect(policy.execute(failing)).rejects.toThrow('at once');
  await expect(policy.execute(() => 1)).resolves.toBe(1);
});

it('refuses every call with 0 and none with Infinity', async () => {
  await expect(new Pool({ maxRunning: 0 }).execute(() => 1)).rejects.toThrow('refused: 0 calls run already');
  const policy = new Pool({ maxRunning: Infinity });
  await expect(Promise.all(Array.from({ length: 100 }, () => policy.execute(() => 1)))).resolves.toHaveLength(100);
});

it('makes no call and rejects with the reason of a signal that has ended before', async () => {
  const reason = new Error('gave up');
  const ctx = withCancel();
  ctx.cancel(reason);
  const operation = jest.fn();
  await expect(new Pool().execute(operation, { signal: ctx })).rejects.toBe(reason);
  expect(operation).not.toHaveBeenCalled();
});

it('gives the operation the context of its caller', async () => {
  const ctx = withCancel();
  await expect(new Pool().execute((own) => own === ctx, { signal: ctx })).resolves.toBe(true);
  ctx.cancel();
});

it('wraps a function, with its arguments and its this', async () => {
  const account = {
    balance: 1,
    deposit: new Pool().wrap(function (this: { balance: number }, amount: number) {
      return (this.balance += amount);
    }),
  };
  await expect(account.deposit(2)).resolves.toBe(3);
});

it('tells subscribers and its own listener of a refusal, and keeps what the listener throws from the call', async () => {
  using recorder = recordDiagnostics<PoolDiagnostics>(['patterns:pool:refused', 'patterns:pool:listener-error']);
  const thrown = new Error('in a listener');
  const policy = new Pool({
    name: 'db',
    maxRunning: 0,
    onRefused: () => {
      throw thrown;
    },
  });
  await expect(policy.execute(() => 1)).rejects.toBeInstanceOf(PoolRefusedError);
  expect(recorder.records).toEqual([
    { name: 'patterns:pool:refused', message: { name: 'db', running: 0 } },
    { name: 'patterns:pool:listener-error', message: { name: 'db', listener: 'onRefused', error: thrown } },
  ]);
});

it.each([-1, 1.5, NaN])('does not take %p as maxRunning', (maxRunning) => {
  expect(() => new Pool({ maxRunning })).toThrow(
    new RangeError(`maxRunning must be an integer of at least 0, or Infinity, got ${maxRunning}`),
  );
});

it('does not take options of another type', () => {
  expect(() => new Pool({ maxRunning: '1' as unknown as number })).toThrow(
    new TypeError('maxRunning must be a number, got string'),
  );
  expect(() => new Pool({ onRefused: 'log' as unknown as () => void })).toThrow(
    new TypeError('onRefused must be a function, got string'),
  );
});
