import {
  afterFunc,
  fromSignal,
  merge,
  sleep,
  waitFor,
  withCancel,
  withTimeout,
  type Cancellation,
} from '@patterns/context';
import { failOnLeaks } from '@patterns-tools/test-kit';

// Looks for timers and listeners after each test, by itself.
failOnLeaks();

const never = new Promise<never>(() => undefined);

describe.each([
  [
    'before',
    (end: () => void) => {
      end();
    },
  ],
  [
    'at once after',
    (end: () => void) => {
      queueMicrotask(end);
    },
  ],
  ['some time after', (end: () => void) => setTimeout(end, 5)],
])('what is ended %s it began leaves neither timer nor listener:', (_when, schedule) => {
  const parents: [string, () => { cancellation: Cancellation; end: () => void }][] = [
    [
      'a context',
      () => {
        const context = withCancel();
        return { cancellation: context, end: context.cancel };
      },
    ],
    [
      'a signal',
      () => {
        const controller = new AbortController();
        return {
          cancellation: controller.signal,
          end: () => {
            controller.abort();
          },
        };
      },
    ],
  ];

  it.each(parents)('waits below %s', async (_kind, make) => {
    const { cancellation, end } = make();
    const begin = (): Promise<unknown>[] => [
      sleep(60_000, { signal: cancellation }),
      sleep(0, { signal: cancellation }),
      sleep(Infinity, { signal: cancellation }),
      sleep(2 ** 31 + 5, { signal: withTimeout(cancellation, 50_000) }),
      waitFor(never, { signal: cancellation }),
      waitFor(never, { signal: merge(cancellation, withCancel()) }),
      waitFor(Promise.reject(new Error('no')), { signal: cancellation }),
    ];
    schedule(end);
    const outcomes = await Promise.allSettled(begin());
    expect(outcomes.filter(({ status }) => status === 'rejected').length).toBeGreaterThanOrEqual(6);
  });

  it.each(parents)('children and callbacks below %s', async (_kind, make) => {
    const { cancellation, end } = make();
    schedule(end);
    const context = merge(withTimeout(cancellation, 60_000), withCancel(cancellation));
    const ran = new Promise<void>((resolve) => {
      afterFunc(context, resolve);
    });
    await ran;
    expect(context.done).toBe(true);
  });
});

it('a deadline that passes leaves nothing either', async () => {
  const context = withTimeout(fromSignal(new AbortController().signal), 5);
  await expect(sleep(60_000, { signal: context })).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(context.done).toBe(true);
});

it('a deadline is never early by its own clock', async () => {
  for (let round = 0; round < 20; round++) {
    const started = performance.now();
    const context = withTimeout(undefined, 1 + round / 10);
    await sleep(60_000, { signal: context }).catch(() => undefined);
    expect(performance.now() - started).toBeGreaterThanOrEqual(1 + round / 10);
    const slept = performance.now();
    await sleep(1 + round / 10);
    expect(performance.now() - slept).toBeGreaterThanOrEqual(1 + round / 10);
  }
});
