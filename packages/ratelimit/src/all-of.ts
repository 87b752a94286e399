import { checkType } from '@patterns/context/internal';
import { JointMeter } from './joint-meter.ts';
import { LinePart, PublicPart, type JointMember } from './joint-part.ts';
import { resolveLimiterOptions } from './limiter-options.ts';
import { Line } from './line.ts';
import { lineOf, LocalLimiter } from './local-limiter.ts';
import type { RateLimiter } from './rate-limiter.ts';

/**
 * Takes from all or from none; `decisions` has one entry per limiter. Give each its `name`.
 *
 * Those who wait for it stand in a line of their own, and take from all at the same moment: whoever asks one of the limiters directly may come
 * before, but gets nothing at once that a reservation of all stands on. That keeps its time, also when those who wait before it are delayed. Its
 * `quota` is that of the limiter with the lowest rate. A limiter given twice counts once. What `allOf` made itself counts as the limiters that it is made of,
 * behind those who wait for it. One that is not of this copy of the package is asked by its public methods.
 *
 * @example
 * ```ts
 * const both = allOf(
 *   new Gcra({ name: 'burst', limit: 10, windowMs: 1_000 }),
 *   new FixedWindow({ name: 'hourly', limit: 1_000, windowMs: 3_600_000 }),
 * );
 * both.check().policy?.name; // of the tightest: 'burst'
 * ```
 * @throws {TypeError} without limiters, and for what is none
 */
export function allOf(...limiters: readonly [RateLimiter, ...RateLimiter[]]): RateLimiter {
  if (limiters.length === 0) throw new TypeError('allOf needs at least one limiter');
  return new AllOf(limiters);
}

class AllOf extends LocalLimiter {
  constructor(limiters: readonly RateLimiter[]) {
    const members = new Map<object, JointMember>();
    const nested = new Map<object, LinePart>();
    for (const [n, limiter] of limiters.entries()) {
      const part = partOf(limiter, n);
      if (part instanceof LinePart && part.line.meter instanceof JointMeter) {
        const { meter } = part.line;
        for (const member of meter.members) members.set(member.source, member);
        for (const inner of [...meter.nested, part]) nested.set(inner.source, inner);
      } else members.set(part.source, part);
    }
    const all = [...members.values()];
    const clock = all.find((member) => member instanceof LinePart)?.line.clock;
    super(new Line(new JointMeter(all, [...nested.values()]), resolveLimiterOptions({ clock })));
  }
}

function partOf(limiter: RateLimiter, n: number): LinePart | PublicPart {
  checkType(`limiters[${n}]`, limiter, isLimiter(limiter), 'a rate limiter');
  const line = lineOf(limiter);
  return line === undefined ? new PublicPart(limiter) : new LinePart(line);
}

/** By shape, as it may be one of another copy or make. */
function isLimiter(value: unknown): boolean {
  const { tryAcquire, peek, reserve } = (value ?? {}) as Partial<RateLimiter>;
  return [tryAcquire, peek, reserve].every((method) => typeof method === 'function');
}
