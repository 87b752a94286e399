import { failOnLeaks, recordDiagnostics } from '@patterns-tools/test-kit';
import { VirtualClock } from '@patterns/context/testing';
import {
  AdaptiveRate,
  allOf,
  TokenBucket,
  type AdaptiveRateOptions,
  type RateLimitDiagnostics,
  type RateLimiter,
  type ServerAnswer,
} from '@patterns/ratelimit';

failOnLeaks();

let clock: VirtualClock;
beforeEach(() => {
  clock = new VirtualClock();
});

const make = (options: AdaptiveRateOptions = {}): AdaptiveRate => new AdaptiveRate({ name: 'api', clock, ...options });

/** As many calls a second, evenly, for so long. */
async function run(limiter: AdaptiveRate, perSecond: number, seconds: number): Promise<number> {
  let admitted = 0;
  for (let n = 0; n < perSecond * seconds; n++) {
    if (limiter.tryAcquire()) admitted++;
    await clock.advance(1_000 / perSecond);
  }
  return admitted;
}

describe('the rate', () => {
  it('is unlimited until the server refuses, whatever it answers else', async () => {
    const limiter = make();
    expect(limiter.ratePerSecond).toBe(Infinity);
    expect(limiter.quota).toEqual({ name: 'api', limit: Infinity, windowMs: 0 });
    limiter.observe({ status: 200 });
    limiter.observe({ status: 500 });
    expect(await run(limiter, 100, 2)).toBe(200);
    expect(limiter.ratePerSecond).toBe(Infinity);
  });

  it('falls to 0.7 of what was admitted, and follows the cubic from there: the vector of its reference', async () => {
    const limiter = make({ maxPerSecond: 1_000 });
    await run(limiter, 10, 20);
    limiter.observe({ status: 429 });
    const startMs = clock.now();
    expect(limiter.ratePerSecond).toBeCloseTo(7, 5);
    // Kept busy, or twice what is measured would be the limit.
    const at = async (seconds: number): Promise<number> => {
      while (clock.now() < startMs + seconds * 1_000 - 1e-6) {
        limiter.check();
        await clock.advance(Math.min(20, startMs + seconds * 1_000 - clock.now()));
      }
      limiter.observe({ status: 200 });
      return limiter.ratePerSecond;
    };
    expect(await at(1)).toBeCloseTo(9.6489, 3);
    expect(await at(1.957434)).toBeCloseTo(10, 3);
    expect(await at(3)).toBeCloseTo(10.4533, 3);
  });

  it('is at most twice what is admitted, and within its bounds', async () => {
    const limiter = make({ minPerSecond: 2, maxPerSecond: 12 });
    await run(limiter, 10, 20);
    limiter.observe({ status: 503 });
    await clock.advance(60_000);
    limiter.observe({ status: 200 });
    // A minute without a call weighs as one bucket.
    expect(limiter.ratePerSecond).toBeCloseTo(4);
    limiter.observe({ throttled: true });
    expect(limiter.ratePerSecond).toBe(2);
    const bounded = make({ maxPerSecond: 12, initialPerSecond: 100 });
    expect(bounded.ratePerSecond).toBe(12);
  });

  it('falls again from the smaller of what was admitted and what was allowed', async () => {
    const limiter = make();
    await run(limiter, 10, 20);
    limiter.observe({ status: 429 });
    limiter.observe({ status: 429 });
    expect(limiter.ratePerSecond).toBeCloseTo(4.9, 4);
    limiter.observe({ status: 429 });
    expect(limiter.ratePerSecond).toBeCloseTo(3.43, 4);
  });

  it('is what was admitted so far when the server refuses in the first half second', () => {
    const limiter = make();
    for (let n = 0; n < 20; n++) limiter.tryAcquire();
    limiter.observe({ status: 429 });
    expect(limiter.ratePerSecond).toBeCloseTo(28);
    expect(limiter.tryAcquire()).toBe(false);
  });

  it('bounds what is admitted: a bucket of max(rate, 1), empty when the limit begins', async () => {
    const limiter = make();
    await run(limiter, 10, 20);
    limiter.observe({ status: 429 });
    expect(limiter.check()).toMatchObject({ allowed: false, limit: expect.closeTo(7, 4) as number, remaining: 0 });
    expect(await run(limiter, 100, 10)).toBe(69);
    const slow = make({ initialPerSecond: 0.1 });
    expect(slow.quota).toEqual({ name: 'api', limit: 1, windowMs: 10_000 });
    expect([slow.tryAcquire(), slow.tryAcquire()]).toEqual([true, false]);
  });

  it('is told when it changes', async () => {
    const limiter = make({ initialPerSecond: 10 });
    await run(limiter, 10, 20);
    using recorder = recordDiagnostics<RateLimitDiagnostics>(['patterns:ratelimit:rate-change']);
    limiter.observe({ status: 200 });
    limiter.observe({ status: 429 });
    expect(recorder.records.map(({ message }) => message)).toEqual([
      { name: 'api', fromPerSecond: 10, toPerSecond: expect.closeTo(7, 4) as number },
    ]);
  });

  it('is told when a cap has ended, with the next answer', async () => {
    const limiter = make({ initialPerSecond: 100 });
    using recorder = recordDiagnostics<RateLimitDiagnostics>(['patterns:ratelimit:rate-change']);
    limiter.observe({ headers: { RateLimit: '"a";r=50;t=10' } });
    await clock.advance(10_000);
    expect([limiter.tryAcquire(), limiter.ratePerSecond]).toEqual([true, 100]);
    limiter.observe({ status: 200 });
    limiter.observe({ status: 200 });
    expect(recorder.records.map(({ message }) => message)).toEqual([
      { name: 'api', fromPerSecond: 100, toPerSecond: 5 },
      { name: 'api', fromPerSecond: 5, toPerSecond: 100 },
    ]);
  });

  it('schedules anew those who wait', async () => {
    const limiter = make({ initialPerSecond: 0.1 });
    limiter.tryAcquire();
    const served = limiter.acquire().then(() => clock.now());
    await clock.advance(500);
    limiter.observe({ throttled: true });
    await clock.advance(10_000);
    // One call in half a second makes 2 * 0.8 a second, and 0.7 of that from here; 0.05 of a permit was there.
    await expect(served).resolves.toBeCloseTo(500 + (0.95 / 1.12) * 1_000);
  });
});

describe('Retry-After', () => {
  it.each<[string, Parameters<AdaptiveRate['observe']>[0]]>([
    ['a Response', new Response(null, { status: 429, headers: { 'Retry-After': '2' } })],
    ['headers of Node', { status: 503, headers: { 'retry-after': '2' } }],
    ['a plain object', { status: 429, headers: { 'Retry-After': ['2'] } }],
    ['a number', { retryAfterMs: 2_000 }],
    ['what somebody else found', { throttled: true, headers: new Headers({ 'retry-after': '2' }) }],
  ])('in %s: nothing is admitted until it has passed', async (_, answer) => {
    const limiter = make({ initialPerSecond: 1_000 });
    limiter.tryAcquire(10);
    limiter.observe(answer);
    expect(limiter.check()).toMatchObject({ allowed: false, remaining: 0, retryAfterMs: 2_000, resetMs: 2_000 });
    expect(limiter.ratePerSecond).toBeCloseTo(14);
    const served = limiter.acquire().then(() => clock.now());
    await clock.advance(1_999);
    expect(limiter.tryAcquire()).toBe(false);
    await clock.advance(1);
    await expect(served).resolves.toBe(2_000);
  });

  it('is cut to the longest pause; a shorter one does not end a longer', () => {
    const limiter = make({ maxRetryAfterMs: 5_000 });
    limiter.observe({ status: 429, retryAfterMs: 60_000 });
    limiter.observe({ status: 429, retryAfterMs: 1_000 });
    expect(limiter.peek().retryAfterMs).toBe(5_000);
  });

  it('of an answer that is no refusal says nothing', () => {
    const limiter = make();
    limiter.observe({ status: 301, headers: { 'retry-after': '10' } });
    limiter.observe({ status: 429, throttled: false, headers: { 'retry-after': '10' } });
    expect([limiter.tryAcquire(), limiter.ratePerSecond]).toEqual([true, Infinity]);
  });
});

describe('a RateLimit field', () => {
  it.each<[string, Record<string, string>]>([
    ['of draft 10', { RateLimit: '"default";r=50;t=10' }],
    ['of several policies, the tightest', { RateLimit: '"a;r=1;t=1, \\"";r=900;t=10, "b";r=50;t=10;pk=:YQ==:' }],
    ['of draft 7', { RateLimit: 'limit=100, remaining=50, reset=10' }],
    ['of draft 6', { 'RateLimit-Limit': '100', 'RateLimit-Remaining': '50', 'RateLimit-Reset': '10' }],
    ['with spaces', { RateLimit: '"default"; r=50; t=10' }],
    ['with spaces behind', { RateLimit: '"default";r=50 ;t=10 , "b";r=900;t=10' }],
    ['with a name as of draft 7', { RateLimit: '"remaining=1";r=50;t=10' }],
    [
      'of several policies, of which some cannot be understood',
      { RateLimit: '"b";r=50;t=10, "a";r=900;t=10, "c";r=1' },
    ],
    ['as it was before', { 'X-RateLimit-Remaining': '50', 'X-RateLimit-Reset': '10' }],
  ])('%s caps the rate until its reset', async (_, headers) => {
    const limiter = make({ initialPerSecond: 100 });
    limiter.observe({ status: 200, headers });
    expect(limiter.ratePerSecond).toBe(5);
    limiter.tryAcquire(5);
    expect(limiter.check().retryAfterMs).toBeCloseTo(200);
    await clock.advance(9_999);
    expect(limiter.ratePerSecond).toBe(5);
    await clock.advance(1);
    expect(limiter.ratePerSecond).toBe(100);
  });

  it.each<[string, ServerAnswer['headers']]>([
    ['Headers', new Headers({ RateLimit: '"default";r=50;t=10' })],
    ['several lines', { ratelimit: ['"a";r=900;t=10', '"b";r=50;t=10'] }],
    ['a plain object', { RATELIMIT: '"default";r=50;t=10' }],
  ])('may be in %s', (_, headers) => {
    const limiter = make({ initialPerSecond: 100 });
    limiter.observe({ status: 200, headers });
    expect(limiter.ratePerSecond).toBe(5);
  });

  it('with an epoch that has passed is ignored', () => {
    const limiter = make({ initialPerSecond: 100 });
    limiter.observe({ headers: { 'x-ratelimit-remaining': '50', 'x-ratelimit-reset': '1500000000' } });
    expect([limiter.ratePerSecond, limiter.tryAcquire(100)]).toEqual([100, true]);
  });

  it('with an epoch, as some servers have it', () => {
    const limiter = make({ initialPerSecond: 100 });
    const now = jest.spyOn(Date, 'now').mockReturnValue(1_800_000_000_000);
    limiter.observe({ headers: { 'x-ratelimit-remaining': '50', 'x-ratelimit-reset': '1800000010' } });
    now.mockRestore();
    expect(limiter.ratePerSecond).toBe(5);
  });

  it('with nothing left admits nothing until then', async () => {
    const limiter = make();
    limiter.observe({ status: 200, headers: { RateLimit: '"default";r=0;t=3' } });
    expect([limiter.peek().retryAfterMs, limiter.ratePerSecond]).toEqual([3_000, 0]);
    await clock.advance(3_000);
    expect([limiter.tryAcquire(), limiter.ratePerSecond]).toEqual([true, Infinity]);
  });

  it('with nothing left holds until its reset, however long a Retry-After may be', async () => {
    const limiter = make({ initialPerSecond: 10, maxRetryAfterMs: 5_000 });
    limiter.observe({ status: 200, headers: { RateLimit: '"default";r=0;t=3600' } });
    limiter.observe({ status: 429, headers: { 'Retry-After': '7200' } });
    expect([limiter.peek().retryAfterMs, limiter.ratePerSecond]).toEqual([3_600_000, 0]);
    await clock.advance(3_599_999);
    expect([limiter.tryAcquire(), limiter.ratePerSecond]).toEqual([false, 0]);
    await clock.advance(1);
    expect([limiter.tryAcquire(), limiter.ratePerSecond > 0]).toEqual([true, true]);
  });

  it('with nothing left lets those who wait for several permits keep their place', async () => {
    const limiter = make({ initialPerSecond: 10 });
    limiter.tryAcquire(10);
    const served = limiter.acquire(5).then(() => clock.now());
    limiter.observe({ status: 200, headers: { RateLimit: '"default";r=0;t=3' } });
    await clock.advance(3_000);
    expect(await served).toBe(3_000);
  });

  it('with nothing left does not lengthen a Retry-After beyond what that is cut to', () => {
    const limiter = make({ maxRetryAfterMs: 5_000 });
    limiter.observe({ status: 429, headers: { RateLimit: '"default";r=0;t=3', 'Retry-After': '7200' } });
    expect(limiter.peek().retryAfterMs).toBe(5_000);
  });

  it('with nothing left is told as a rate of 0', async () => {
    const limiter = make({ initialPerSecond: 10 });
    using recorder = recordDiagnostics<RateLimitDiagnostics>(['patterns:ratelimit:rate-change']);
    limiter.observe({ status: 200, headers: { RateLimit: '"default";r=0;t=3' } });
    await clock.advance(3_000);
    limiter.observe({ status: 200 });
    expect(recorder.records.map(({ message }) => message)).toEqual([
      { name: 'api', fromPerSecond: 10, toPerSecond: 0 },
      { name: 'api', fromPerSecond: 0, toPerSecond: 10 },
    ]);
  });

  it.each<[string, (limiter: RateLimiter) => unknown]>([
    ['quota', (limiter) => limiter.quota.limit === 100],
    ['reserve', (limiter) => limiter.reserve(50)?.delayMs === 0],
    ['acquire', (limiter) => limiter.acquire(50).then(() => true)],
    ['execute', (limiter) => limiter.execute(() => true, { permits: 50 })],
  ])('that has ended bounds no longer what can be had at once: %s', async (_, ask) => {
    const capped = (): AdaptiveRate => {
      const limiter = make({ initialPerSecond: 100 });
      limiter.observe({ headers: { RateLimit: '"a";r=50;t=10' } });
      return limiter;
    };
    const alone = capped();
    const joint = allOf(capped(), new TokenBucket({ ratePerSecond: 1_000, burst: 1_000, clock }));
    await clock.advance(20_000);
    expect([await ask(alone), await ask(joint)]).toEqual([true, true]);
  });

  it('that ends while somebody waits lets him go sooner', async () => {
    const limiter = make({ initialPerSecond: 1_000 });
    limiter.tryAcquire(1_000);
    limiter.observe({ headers: { RateLimit: '"a";r=1;t=10' } });
    const first = limiter.acquire();
    const served = limiter.acquire().then(() => clock.now());
    expect(limiter.peek().retryAfterMs).toBeCloseTo(10_002);
    await clock.advance(20_000);
    await first;
    await expect(served).resolves.toBeCloseTo(10_001);
  });

  it.each<[string, Record<string, string>]>([
    ['from a cache', { RateLimit: '"default";r=5;t=10', Age: '3' }],
    ['without a time', { RateLimit: '"default";r=5' }],
    ['that is none', { RateLimit: 'soon' }],
    ['with a fraction of a permit', { RateLimit: '"a";r=5.5;t=10' }],
    ['with a fraction of a second', { RateLimit: '"a";r=5;t=1.5' }],
    ['with something behind a number', { RateLimit: '"a";r=5x;t=10' }],
    ['of draft 7 with a fraction', { RateLimit: 'limit=9, remaining=5.5, reset=10' }],
    ['with a time that has come', { 'RateLimit-Remaining': '5', 'RateLimit-Reset': '0' }],
    ['with half of its parts', { 'RateLimit-Remaining': '5' }],
    ['with the other half of its parts', { 'RateLimit-Reset': '5' }],
    ['of draft 7 with half of its parts', { RateLimit: 'limit=9, remaining=5' }],
    ['of draft 7 with parts that are none', { RateLimit: 'remaining=, reset=5' }],
    ['with a fraction left', { 'RateLimit-Remaining': '1.5', 'RateLimit-Reset': '10' }],
    ['with a fraction of time', { 'RateLimit-Remaining': '5', 'RateLimit-Reset': '1.5' }],
    ['that is no text', { ratelimit: 5 as never }],
    ['with numbers that are none', { 'RateLimit-Remaining': '-5', 'RateLimit-Reset': 'NaN' }],
  ])('%s is ignored', (_, headers) => {
    const limiter = make({ initialPerSecond: 100 });
    limiter.observe({ status: 200, headers });
    expect([limiter.ratePerSecond, limiter.tryAcquire()]).toEqual([100, true]);
  });
});

describe('what is admitted', () => {
  it('is measured from any time of the clock', async () => {
    await clock.advance(123_456);
    const limiter = make();
    await run(limiter, 10, 20);
    limiter.observe({ status: 429 });
    expect(limiter.ratePerSecond).toBeCloseTo(7, 5);
  });

  it('counts a reservation when its time has come', async () => {
    const limiter = make({ initialPerSecond: 1_000 });
    limiter.tryAcquire(10);
    limiter.observe({ status: 429, retryAfterMs: 2_000 });
    expect(limiter.reserve()?.delayMs).toBe(2_000);
    await clock.advance(2_500);
    limiter.observe({ status: 429 });
    // Ten in two seconds, and one in half a second.
    expect(limiter.ratePerSecond).toBeCloseTo(0.7 * (0.8 * 2 + 0.2 * 0.8 * 5));
  });

  it('counts reservations while it is unlimited too', () => {
    const limiter = make();
    for (let n = 0; n < 20; n++) limiter.reserve();
    limiter.observe({ status: 429 });
    expect(limiter.ratePerSecond).toBeCloseTo(28);
  });

  it('counts reservations in the order of their times, in whatever order they were made', async () => {
    const limiter = make({ initialPerSecond: 100 });
    const reserve = (permits: number): unknown => limiter.reserve(permits)?.delayMs;
    limiter.observe({ headers: { RateLimit: '"a";r=10;t=10' } });
    expect([limiter.tryAcquire(), reserve(1), reserve(1)]).toEqual([true, 1_000, 2_000]);
    limiter.observe({ headers: { RateLimit: '"a";r=1000;t=10' } });
    expect(reserve(60)).toBeCloseTo(620);
    await clock.advance(2_500);
    limiter.observe({ status: 429 });
    // Of half seconds: 1, 60, 1 in two of them, 1.
    const perSecond = [2, 120, 1, 2].reduce((before, admitted) => 0.8 * admitted + 0.2 * before, 0);
    expect(limiter.ratePerSecond).toBeCloseTo(0.7 * perSecond);
  });

  it.each([10_000, 0])('goes on while something is reserved for later: after a pause of %d', async (retryAfterMs) => {
    const rates: number[] = [];
    for (const permits of [0, 6]) {
      clock = new VirtualClock();
      const limiter = make({ initialPerSecond: 10 });
      await run(limiter, 10, 10);
      limiter.observe({ status: 429, retryAfterMs });
      limiter.tryAcquire(6);
      if (permits > 0) expect(limiter.reserve(permits)?.delayMs).toBeGreaterThan(500);
      limiter.observe({ status: 429 });
      rates.push(limiter.ratePerSecond);
    }
    expect(rates[1]).toBe(rates[0]);
  });

  it('does not count what was given back, as another limit refused', () => {
    const limiter = make();
    const both = allOf(limiter, new TokenBucket({ ratePerSecond: 1, burst: 1, initial: 0, clock }));
    for (let n = 0; n < 10; n++) expect(both.tryAcquire()).toBe(false);
    limiter.tryAcquire(2);
    limiter.observe({ status: 429 });
    expect(limiter.ratePerSecond).toBeCloseTo(2.8);
  });

  it('is not there while it is paused: what would have run over by then is lost', async () => {
    const limiter = make({ initialPerSecond: 5, minPerSecond: 5, maxPerSecond: 5 });
    limiter.observe({ status: 429, retryAfterMs: 2_000 });
    limiter.reserve(2);
    await clock.advance(2_000);
    expect([limiter.tryAcquire(4), limiter.tryAcquire(3)]).toEqual([false, true]);
  });
});

it.each([
  { initialPerSecond: -1 },
  { minPerSecond: NaN },
  { minPerSecond: 5, maxPerSecond: 4 },
  { maxRetryAfterMs: -1 },
])('does not take %j', (options) => {
  expect(() => make(options)).toThrow(RangeError);
  expect(() => make(options)).toThrow(`${Object.keys(options).at(-1)} must be `);
});

it('does not take an answer with a pause that is none', () => {
  expect(() => {
    make().observe({ retryAfterMs: -1 });
  }).toThrow('retryAfterMs must be a number of at least 0, got -1');
});
