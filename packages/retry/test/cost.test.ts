import { withCancel } from '@patterns/context';
import { attempts, constant, retry, RetryPolicy, type Budget } from '@patterns/retry';
import { costOf, noCost, type Cost } from '@patterns-tools/test-kit';

const succeed = (): number => 1;
const policy = new RetryPolicy();
const parent = withCancel();
const controller = new AbortController();
const { signal } = controller;
const ownSignal = new RetryPolicy({ signal: new AbortController().signal });
const ownContext = new RetryPolicy({ signal: withCancel() });
const budget: Budget = { record: () => undefined, tryWithdraw: () => true };

/** What fails so often, and then succeeds. */
function failing(times: number): () => number {
  let calls = 0;
  return () => {
    if (calls++ < times) throw new Error('not yet');
    return 1;
  };
}

const costs: readonly (readonly [string, () => unknown, Partial<Cost>])[] = [
  ['a call that succeeds at once', () => retry(succeed), { promises: 1 }],
  ['the same under a context', () => retry(succeed, { signal: parent }), { promises: 1 }],
  ['the same under an AbortSignal', () => retry(succeed, { signal }), { promises: 1 }],
  ['the same by a policy', () => policy.execute(succeed), { promises: 1 }],
  ['the same by a policy with a signal', () => ownSignal.execute(succeed), { promises: 1 }],
  ['the same with an object', () => retry(() => ({})), { promises: 2 }],
  ['the same with a budget', () => retry(succeed, { budget }), { promises: 3 }],
  ['the same with a question about the result', () => retry(succeed, { retryResultIf: () => false }), { promises: 5 }],
  ['the same under two AbortSignals', () => ownSignal.execute(succeed, { signal }), { promises: 3, listeners: 2 }],
  ['the same under two contexts', () => ownContext.execute(succeed, { signal: parent }), { promises: 3 }],
];

it.each(costs)('%s costs what the README says', async (_, operation, cost) => {
  expect(await costOf(operation)).toEqual({ ...noCost, ...cost });
});

/** These take longer than microtasks, so that promises of others would be counted too. */
const waits: readonly (readonly [string, () => unknown, Partial<Cost>])[] = [
  [
    'a second call after a wait of 0',
    () => retry(failing(1), { backoff: constant(0), retryIf: () => true }),
    { immediates: 1 },
  ],
  ['a second call after a wait', () => retry(failing(1), { backoff: constant(1), retryIf: () => true }), { timers: 1 }],
  [
    'a wait of 0 under an AbortSignal',
    () => retry(failing(1), { backoff: constant(0), signal }),
    { immediates: 1, listeners: 1 },
  ],
  [
    'a wait under an AbortSignal',
    () => retry(failing(1), { backoff: constant(1), signal }),
    { timers: 1, listeners: 1 },
  ],
  ['a timeout for each attempt', () => retry(succeed, { attemptTimeoutMs: 60_000 }), { timers: 1 }],
  [
    'the same under an AbortSignal',
    () => retry(succeed, { attemptTimeoutMs: 60_000, signal }),
    { timers: 1, listeners: 1 },
  ],
  [
    'the loop form',
    async () => {
      for await (const attempt of attempts()) if (attempt.attempt === 1) break;
    },
    {},
  ],
];

it.each(waits)('%s costs what the README says', async (_, operation, cost) => {
  const { timers: made, ...rest } = await costOf(operation);
  const { promises, timers, ...others } = { ...noCost, ...cost };
  expect(promises).toBe(0);
  expect(rest).toMatchObject(others);
  // A timer of the platform that comes early is armed once more.
  expect([timers, timers * 2]).toContain(made);
});
