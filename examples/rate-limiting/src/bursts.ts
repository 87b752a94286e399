import { check, say, scene, youShouldSee } from '@patterns-tools/narrator';
import type { Clock } from '@patterns/context';
import { FixedWindow, LeakyBucket, TokenBucket, type RateLimiter } from '@patterns/ratelimit';
import { pass } from './pass.ts';
import { plot } from './plot.ts';

/** Two bursts of eight, around the end of a second; then a call every 100 ms. */
const askedAtMs: readonly number[] = [
  ...Array.from({ length: 8 }, () => 900),
  ...Array.from({ length: 8 }, () => 1_000),
  ...Array.from({ length: 10 }, (_, n) => 1_600 + 100 * n),
];

/** Five a second, in three ways. The first and the last refuse at once; a leaky bucket is for those who wait. */
const limits: Readonly<Record<string, (clock: Clock) => RateLimiter>> = {
  'token bucket': (clock) => new TokenBucket({ ratePerSecond: 5, burst: 5, maxWaitMs: 0, clock }),
  'leaky bucket': (clock) => new LeakyBucket({ ratePerSecond: 5, capacity: 5, clock }),
  'fixed window': (clock) => new FixedWindow({ limit: 5, windowMs: 1_000, align: 'clock', maxWaitMs: 0, clock }),
};

/** The same calls through three limits of five a second, drawn. */
export async function bursts(): Promise<void> {
  scene('The same bursts through three limits');
  say(
    'Eight calls at 0.9 s, eight more at 1.0 s, then one every 100 ms. Each limit is five a second. ' +
      'One character is 50 ms, a digit is how many passed in it.',
  );
  youShouldSee(
    'the token bucket pass five at once and then one at a time, the leaky bucket never two at once, ' +
      'and the fixed window ten within 100 ms.',
  );

  console.log();
  plot('asked', askedAtMs);
  const passed: Record<string, number[]> = {};
  for (const [name, make] of Object.entries(limits)) {
    passed[name] = await pass(askedAtMs, make);
    plot(name, passed[name]);
  }
  console.log();

  const mostOf = (name: string, spanMs: number): number => mostWithin(passed[name] ?? [], spanMs);
  check(mostOf('token bucket', 0) === 5 && mostOf('token bucket', 100) === 5, 'token bucket: a burst of five, once');
  check(mostOf('leaky bucket', 199) === 1, 'leaky bucket: 200 ms between any two, as its callers waited');
  check(mostOf('fixed window', 100) === 10, 'fixed window: twice the limit, as a window ended between the bursts');
}

/** The most in any span of that length, both ends included. */
function mostWithin(timesMs: readonly number[], spanMs: number): number {
  return Math.max(...timesMs.map((startMs) => timesMs.filter((ms) => ms >= startMs && ms <= startMs + spanMs).length));
}
