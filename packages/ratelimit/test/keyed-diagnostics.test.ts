import { recordDiagnostics } from '@patterns-tools/test-kit';
import { gcra, KeyedRateLimiter, slidingLog, type RateLimitDiagnostics } from '@patterns/ratelimit';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { ManualClock } from './manual-clock.ts';

const channels = [
  'patterns:ratelimit:decision',
  'patterns:ratelimit:wait',
  'patterns:ratelimit:rate-change',
  'patterns:ratelimit:evicted',
  'patterns:ratelimit:store-error',
  'patterns:ratelimit:listener-error',
] as const;

it('tells every answer to somebody who asked for permits, with the key, and no other', () => {
  using recorder = recordDiagnostics<RateLimitDiagnostics>(channels);
  const limiter = new KeyedRateLimiter({
    name: 'users',
    algorithm: gcra({ limit: 2, windowMs: 200 }),
    clock: new ManualClock(),
  });
  limiter.check('ann');
  limiter.tryAcquire('ann');
  limiter.tryAcquire('ann');
  limiter.check('ann', 3);
  limiter.block('bob', 50);
  limiter.tryAcquire('bob', 0);
  limiter.peek('ann');
  limiter.charge('ann');
  limiter.refund('ann');
  limiter.settle('ann', 1, 2);
  limiter.reset('ann');
  expect(recorder.records.map(({ message }) => message)).toEqual([
    { name: 'users', key: 'ann', permits: 1, allowed: true, retryAfterMs: 0 },
    { name: 'users', key: 'ann', permits: 1, allowed: true, retryAfterMs: 0 },
    { name: 'users', key: 'ann', permits: 1, allowed: false, retryAfterMs: 100 },
    { name: 'users', key: 'ann', permits: 3, allowed: false, retryAfterMs: Infinity },
    { name: 'users', key: 'bob', permits: 0, allowed: false, retryAfterMs: 50 },
  ]);
  expect(new Set(recorder.records.map(({ name }) => name))).toEqual(new Set(['patterns:ratelimit:decision']));
});

it('tells of a key that was not back to full and had to be forgotten, whatever needed the place', () => {
  const clock = new ManualClock();
  const limiter = new KeyedRateLimiter({
    name: 'users',
    algorithm: (key) => (key === 'log' ? slidingLog({ limit: 2, windowMs: 200 }) : gcra({ limit: 2, windowMs: 200 })),
    maxKeys: 1,
    clock,
  });
  using recorder = recordDiagnostics<RateLimitDiagnostics>(['patterns:ratelimit:evicted']);
  limiter.check('a');
  clock.ms += 100;
  limiter.check('log');
  expect(recorder.records).toEqual([]);
  limiter.charge('b');
  limiter.block('c', 50);
  limiter.tryAcquire('d');
  clock.ms += 100;
  limiter.tryAcquire('e');
  const evicted = { name: 'patterns:ratelimit:evicted', message: { name: 'users', size: 1 } };
  expect(recorder.records).toEqual([evicted, evicted, evicted]);
});

it('is consistent when it tells: a subscriber may use it', () => {
  const limiter = new KeyedRateLimiter({
    algorithm: gcra({ limit: 1, windowMs: 100 }),
    maxKeys: 1,
    clock: new ManualClock(),
  });
  const seen: [string, boolean][] = [];
  const onDecision = (message: unknown): void => {
    const { key } = message as RateLimitDiagnostics['patterns:ratelimit:decision'];
    if (key !== 'a') return;
    seen.push([key, limiter.peek('a').allowed]);
    seen.push(['other', limiter.tryAcquire('other')]);
  };
  subscribe('patterns:ratelimit:decision', onDecision);
  try {
    expect(limiter.tryAcquire('a')).toBe(true);
  } finally {
    unsubscribe('patterns:ratelimit:decision', onDecision);
  }
  expect(seen).toEqual([
    ['a', false],
    ['other', true],
  ]);
  expect(limiter.tryAcquire('other')).toBe(false);
});
