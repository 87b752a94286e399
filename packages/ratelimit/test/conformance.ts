import type { Clock } from '@patterns/context';
import type { Decision } from '@patterns/ratelimit';
import fc from 'fast-check';
import { ManualClock } from './manual-clock.ts';

// Many rounds, on machines that have other things to do.
jest.setTimeout(120_000);

/** One limit, or one key of a limiter of many. */
export interface LimitSubject {
  tryTake(permits?: number): boolean;
  check(permits?: number): Decision;
  peek(permits?: number): Decision;
}

export interface LimitCase {
  readonly name: string;
  /** The most that can be had at once. */
  readonly limit: number;
  /** What is there when nothing has been taken; less than the limit where permits are spaced. */
  readonly atOnce?: number;
  /** The most permits in any span of that length, both ends included. */
  readonly bound: (spanMs: number) => number;
  /** Asked for so many at once, at most. @defaultValue the limit */
  readonly largest?: number;
  readonly make: (clock: Clock) => LimitSubject;
}

interface Step {
  /** Negative: the clock steps back. */
  readonly ms: number;
  readonly permits: number;
}

/** What holds for every limit, whatever its algorithm. */
export function describeLimit(limitCase: LimitCase): void {
  const { name, limit, atOnce = limit, bound, largest = limit, make } = limitCase;
  const steps: fc.Arbitrary<Step[]> = fc.array(
    fc.record({
      ms: fc.oneof(
        { weight: 4, arbitrary: fc.integer({ min: 0, max: 300 }) },
        { weight: 2, arbitrary: fc.double({ min: 0, max: 300, noNaN: true }) },
        { weight: 1, arbitrary: fc.integer({ min: -500, max: -1 }) },
        { weight: 1, arbitrary: fc.integer({ min: 500, max: 5_000 }) },
      ),
      permits: fc.integer({ min: 0, max: largest }),
    }),
    { maxLength: 40 },
  );
  /** Runs steps against limits made before; `act` is told the latest time seen. */
  const follow = (
    all: readonly Step[],
    act: (permits: number, subject: LimitSubject, twin: LimitSubject, latestMs: number) => void,
  ): void => {
    const clock = new ManualClock(1_000);
    const [subject, twin] = [make(clock), make(clock)];
    let latestMs = clock.ms;
    // What has not been asked has not seen the time.
    subject.peek();
    twin.peek();
    for (const { ms, permits } of all) {
      clock.ms += ms;
      latestMs = Math.max(latestMs, clock.ms);
      act(permits, subject, twin, latestMs);
    }
  };
  /** A limit that has been used, and its clock. */
  const used = (all: readonly Step[]): readonly [LimitSubject, ManualClock] => {
    const clock = new ManualClock(1_000);
    const subject = make(clock);
    for (const { ms, permits } of all) {
      clock.ms += Math.abs(ms);
      subject.tryTake(permits);
    }
    return [subject, clock];
  };

  describe(name, () => {
    it('never grants more than its bound, in any span, while the clock steps back', () => {
      fc.assert(
        fc.property(steps, (all) => {
          const grants: { readonly atMs: number; readonly permits: number }[] = [];
          follow(all, (permits, subject, _, atMs) => {
            if (subject.tryTake(permits)) grants.push({ atMs, permits });
          });
          return grants.every((first, index) => {
            let sum = 0;
            return grants
              .slice(index)
              .every(({ atMs, permits }) => (sum += permits) <= bound(atMs - first.atMs) + 1e-6);
          });
        }),
        { numRuns: 1_000 },
      );
    });

    it('says the same in check, tryAcquire and, before, peek', () => {
      fc.assert(
        fc.property(steps, (all) => {
          follow(all, (permits, subject, twin) => {
            const said = textOf(subject.peek(permits));
            const peekedAgain = textOf(subject.peek(permits));
            const decision = subject.check(permits);
            if (peekedAgain !== said) throw new Error(`peek took: ${said}, ${peekedAgain}`);
            if (textOf(decision) !== said) throw new Error(`peek said ${said}, check ${textOf(decision)}`);
            if (twin.tryTake(permits) !== decision.allowed) throw new Error(`tryAcquire says other than ${said}`);
          });
        }),
        { numRuns: 1_000 },
      );
    });

    it('makes sense in every decision', () => {
      fc.assert(
        fc.property(steps, (all) => {
          follow(all, (permits, subject) => {
            const decision = subject.check(permits);
            const { allowed, remaining, retryAfterMs, resetMs, policy } = decision;
            const makesSense =
              decision.limit === limit &&
              policy !== undefined &&
              Number.isInteger(remaining) &&
              remaining >= 0 &&
              remaining <= limit &&
              retryAfterMs > 0 !== allowed &&
              resetMs >= 0 &&
              (resetMs > 0 || remaining === limit);
            if (!makesSense) throw new Error(textOf(decision));
          });
        }),
        { numRuns: 1_000 },
      );
    });

    it('grants after exactly retryAfterMs, and not a microsecond before', () => {
      fc.assert(
        fc.property(steps, fc.integer({ min: 1, max: largest }), (all, permits) => {
          const [subject, clock] = used(all);
          const { retryAfterMs } = subject.peek(permits);
          const fromMs = clock.ms;
          clock.ms = fromMs + retryAfterMs - 0.001;
          const isEarly = retryAfterMs > 0.001 && subject.peek(permits).allowed;
          clock.ms = fromMs + retryAfterMs;
          return !isEarly && subject.tryTake(permits);
        }),
        { numRuns: 1_000 },
      );
    });

    it('is full again after resetMs', () => {
      fc.assert(
        fc.property(steps, (all) => {
          const [subject, clock] = used(all);
          clock.ms += subject.peek(0).resetMs;
          const { allowed, remaining, resetMs } = subject.peek(0);
          return allowed && remaining === limit && resetMs < 1e-6;
        }),
        { numRuns: 1_000 },
      );
    });

    it('grants what is there at once, and takes nothing when it refuses', () => {
      const clock = new ManualClock(1_000);
      const subject = make(clock);
      for (let n = 0; n < atOnce; n++) expect(subject.tryTake()).toBe(true);
      const refused = subject.check();
      expect(refused).toMatchObject({ allowed: false, limit });
      for (let n = 0; n < 100; n++) expect(subject.check()).toEqual(refused);
      clock.ms += refused.retryAfterMs;
      expect(subject.tryTake()).toBe(true);
    });

    it('grants zero permits when none are owed, and takes nothing for them', () => {
      const subject = make(new ManualClock(1_000));
      const before = subject.peek(0);
      expect(before).toMatchObject({ allowed: true, remaining: limit, resetMs: 0, retryAfterMs: 0 });
      expect(subject.tryTake(0)).toBe(true);
      expect(subject.check(0)).toEqual(before);
    });

    it('can never grant more than its limit', () => {
      const clock = new ManualClock(1_000);
      const subject = make(clock);
      expect(subject.tryTake(limit + 1)).toBe(false);
      expect(subject.check(limit + 1)).toMatchObject({ allowed: false, retryAfterMs: Infinity, remaining: limit });
      expect(subject.peek(limit + 1).retryAfterMs).toBe(Infinity);
      expect(subject.peek(0).remaining).toBe(limit);
    });

    it('neither mints nor burns permits when the clock steps back', () => {
      const clock = new ManualClock(1_000);
      const subject = make(clock);
      subject.tryTake();
      const before = subject.peek();
      clock.ms -= 999;
      expect(subject.peek()).toEqual(before);
      clock.ms = 1_000;
      expect(subject.peek()).toEqual(before);
    });

    it.each([-1, 0.5, NaN, Infinity, '1', null])('does not take %p for a number of permits', (permits) => {
      const subject = make(new ManualClock(1_000));
      for (const method of ['tryTake', 'check', 'peek'] as const) {
        expect(() => subject[method](permits as number)).toThrow(RangeError);
      }
    });
  });
}

/** For comparing, as `toEqual` is a hundred times slower. */
function textOf(decision: Decision): string {
  return JSON.stringify(decision, (_, value: unknown) => (value === Infinity ? 'Infinity' : value));
}
