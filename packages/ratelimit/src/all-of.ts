import type { Decision } from './decision.ts';
import { JointMeter } from './joint-meter.ts';
import { LinePart, PublicPart } from './joint-part.ts';
import { resolveLimiterOptions } from './limiter-options.ts';
import { Line } from './line.ts';
import { lineOf, LocalLimiter } from './local-limiter.ts';
import type { RateLimiter } from './rate-limiter.ts';

/**
 * Takes from all or from none; `decisions` has one entry per limiter. Give each its `name`.
 *
 * Those who wait for it stand in a line of their own, and take from all at the same moment: whoever asks one of the limiters directly may come
 * before. Its `quota` is that of the limiter with the lowest rate. A limiter given twice counts once. One that is not of this copy of the package
 * is asked by its public methods.
 *
 * @example
 * ```ts
 * const both = allOf(
 *   new Gcra({ name: 'burst', limit: 10, windowMs: 1_000 }),
 *   new FixedWindow({ name: 'hourly', limit: 1_000, windowMs: 3_600_000 }),
 * );
 * both.check().policy?.name; // of the tightest: 'burst'
 * ```
 * @throws {TypeError} without limiters
 */
export function allOf(...limiters: readonly [RateLimiter, ...RateLimiter[]]): RateLimiter {
  if (limiters.length === 0) throw new TypeError('allOf needs at least one limiter');
  return new AllOf([...new Set<RateLimiter>(limiters)]);
}

class AllOf extends LocalLimiter {
  readonly #limiters: readonly RateLimiter[];

  constructor(limiters: readonly RateLimiter[]) {
    const parts = limiters.map((limiter) => {
      const line = lineOf(limiter);
      return line === undefined ? new PublicPart(limiter) : new LinePart(line);
    });
    const clock = parts.find((part) => part instanceof LinePart)?.line.clock;
    super(new Line(new JointMeter(parts), resolveLimiterOptions({ clock })));
    this.#limiters = limiters;
  }

  override check(permits?: number): Decision {
    const before = this.#limiters.map((limiter) => limiter.peek(permits));
    return this.#joint(super.check(permits), before);
  }

  override peek(permits?: number): Decision {
    const before = this.#limiters.map((limiter) => limiter.peek(permits));
    return this.#joint(super.peek(permits), before);
  }

  /** Where not all of them allow it, none has anything taken from it. */
  #joint(own: Decision, each: readonly Decision[]): Decision {
    const decisions = own.allowed
      ? each
      : each.map((decision, n) => (decision.allowed ? { ...decision, ...this.#untouched(n) } : decision));
    const tightest = decisions.reduce((one, other) => (isTighter(other, one) ? other : one));
    return { ...own, policy: tightest.policy, decisions };
  }

  #untouched(n: number): Partial<Decision> {
    const { remaining, resetMs } = (this.#limiters[n] as RateLimiter).peek(0);
    return { remaining, resetMs };
  }
}

function isTighter(one: Decision, other: Decision): boolean {
  if (one.retryAfterMs !== other.retryAfterMs) return one.retryAfterMs > other.retryAfterMs;
  return shareOf(one) < shareOf(other);
}

/** What is left of it. */
function shareOf({ limit, remaining }: Decision): number {
  if (limit === Infinity) return 1;
  return limit === 0 ? 0 : remaining / limit;
}
