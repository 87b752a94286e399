import { BreakerOpenError, CircuitBreaker, consecutiveFailures } from '@patterns/breaker';
import { withTimeout } from '@patterns/context';
import { VirtualClock } from '@patterns/context/testing';
import { RateLimitError, TokenBucket, type RateLimitReason } from '@patterns/ratelimit';
import { ManualClock } from './manual-clock.ts';

const clock = new ManualClock();
const ignore = (): undefined => undefined;
const empty = (): TokenBucket => new TokenBucket({ ratePerSecond: 1, burst: 1, initial: 0, maxQueue: 0, clock });
const touchy = (): CircuitBreaker => new CircuitBreaker({ trip: consecutiveFailures(1), clock });

describe('a refusal under a circuit breaker', () => {
  it.each<[RateLimitReason, (limiter: TokenBucket) => Promise<unknown>]>([
    ['limit', (limiter) => limiter.execute(() => 1, { maxWaitMs: 0 })],
    ['max-wait', (limiter) => limiter.execute(() => 1, { maxWaitMs: 999 })],
    ['queue-full', (limiter) => limiter.execute(() => 1)],
    [
      'deadline',
      async (limiter) => {
        using soon = withTimeout(undefined, 999, { clock: new VirtualClock() });
        await limiter.acquire(1, { signal: soon });
      },
    ],
    ['dropped', () => Promise.reject(new RateLimitError('dropped', 1_000))],
    ['closed', () => Promise.reject(new RateLimitError('closed', Infinity))],
  ])("for '%s' is no failure of the target", async (reason, call) => {
    const breaker = touchy();
    await expect(breaker.execute(() => call(empty()))).rejects.toMatchObject({ code: 'ERR_RATE_LIMITED', reason });
    expect(breaker.stats()).toMatchObject({ state: 'closed', calls: 0, failures: 0, ignored: 1 });
  });

  it('does not close a breaker that is half-open either, and gives its trial back', async () => {
    const breaker = new CircuitBreaker({ trip: consecutiveFailures(1), openMs: 1_000, clock });
    await breaker.execute(() => Promise.reject(new Error('down'))).catch(ignore);
    clock.ms += 1_000;
    await expect(breaker.execute(() => empty().execute(() => 1))).rejects.toBeInstanceOf(RateLimitError);
    expect(breaker.state).toBe('half-open');
    await expect(breaker.execute(() => 1)).resolves.toBe(1);
    expect(breaker.state).toBe('closed');
  });
});

describe('a limiter in front of a circuit breaker', () => {
  it('lets its refusals and its failures through as they are; their permits stay taken', async () => {
    const breaker = touchy();
    const limiter = new TokenBucket({ ratePerSecond: 1, burst: 3, clock });
    const down = new Error('down');
    const call = (): Promise<unknown> => limiter.execute(() => breaker.execute(() => Promise.reject(down)));
    await expect(call()).rejects.toBe(down);
    await expect(call()).rejects.toBeInstanceOf(BreakerOpenError);
    expect(limiter.tokens).toBe(1);
  });
});
