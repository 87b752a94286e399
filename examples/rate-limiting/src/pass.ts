import type { Clock } from '@patterns/context';
import { VirtualClock } from '@patterns/context/testing';
import { RateLimitError, type RateLimiter } from '@patterns/ratelimit';

/** When calls made at these times get through; those that are refused do not. In virtual time: three seconds take none. */
export async function pass(askedAtMs: readonly number[], make: (clock: Clock) => RateLimiter): Promise<number[]> {
  const clock = new VirtualClock();
  const limiter = make(clock);
  const passedAtMs: number[] = [];

  const call = async (): Promise<void> => {
    try {
      await limiter.execute(() => passedAtMs.push(clock.now()));
    } catch (error) {
      if (!(error instanceof RateLimitError)) throw error;
    }
  };
  const calls: Promise<void>[] = [];
  for (const atMs of askedAtMs) {
    await clock.advance(atMs - clock.now());
    calls.push(call());
  }
  // Those who still wait.
  await clock.advance(60_000);
  await Promise.all(calls);
  return passedAtMs;
}
