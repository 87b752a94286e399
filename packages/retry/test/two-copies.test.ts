import { withCancel } from '@patterns/context';
import { classify, deserialize, serialize } from '@patterns/errors';
import * as retryPackage from '@patterns/retry';

type Copy = typeof retryPackage;

function load(): Copy {
  let copy: Copy | undefined;
  jest.isolateModules(() => {
    copy = jest.requireActual<Copy>('@patterns/retry');
  });
  return copy as Copy;
}

const other = load();

describe.each([
  ['one', retryPackage, other],
  ['the other', other, retryPackage],
])('two copies of the package, of which %s retries', (_, from, to) => {
  it('are two', () => {
    expect(to.RetryPolicy).not.toBe(from.RetryPolicy);
    expect(to.RetryError).not.toBe(from.RetryError);
  });

  it('find the attempt', async () => {
    const seen = await from.retry((ctx) => {
      const below = withCancel(ctx);
      return [ctx, below].map((context) => [to.attemptOf(context), context.value(to.currentAttempt)]);
    });
    const attempt: unknown = expect.objectContaining({ attempt: 1, idempotencyKey: expect.any(String) as string });
    expect(seen).toEqual([
      [attempt, attempt],
      [attempt, attempt],
    ]);
  });

  it('find the innermost attempt of retries by both', async () => {
    await from.retry((outer) =>
      to.retry(
        (inner) => {
          for (const copy of [from, to]) expect(copy.attemptOf(withCancel(inner))).toBe(inner);
        },
        { signal: outer },
      ),
    );
  });

  it('know the RetryError, also from the wire, and do not retry it', async () => {
    let calls = 0;
    const failing = (): Promise<never> =>
      from.retry(
        () => {
          calls++;
          throw new Error('down');
        },
        { exhausted: 'wrap', backoff: from.constant(0) },
      );
    const error = await to.retry(failing, { backoff: to.constant(0) }).catch((caught: unknown) => caught);
    expect(calls).toBe(3);
    for (const each of [error, deserialize(JSON.parse(JSON.stringify(serialize(error))))]) {
      expect(each).toBeInstanceOf(to.RetryError);
      expect(each).toBeInstanceOf(from.RetryError);
      expect(each).toMatchObject({ reason: 'attempts', attempts: 3 });
      expect(classify(each)).toEqual({ kind: 'unknown', retryable: false });
    }
  });

  it('share a budget', async () => {
    const budget = new from.RetryBudget({ ratio: 0, minPerSecond: 0.1 });
    let calls = 0;
    const options = { budget, backoff: from.constant(0) };
    for (const copy of [from, to]) {
      await copy
        .retry(() => {
          calls++;
          throw new Error('down');
        }, options)
        .catch(() => undefined);
    }
    expect(calls).toBe(3);
  });
});
