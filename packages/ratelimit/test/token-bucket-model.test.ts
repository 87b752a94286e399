import { TokenBucket, type Reservation } from '@patterns/ratelimit';
import fc from 'fast-check';
import { ManualClock } from './manual-clock.ts';

// Many rounds, on machines that have other things to do.
jest.setTimeout(120_000);

/**
 * golang.org/x/time/rate in other words: what has accrued is not kept but recomputed. Without its defects: a reservation gives back once, and
 * what never comes is not reserved.
 */
class Model {
  rate: number;
  burst: number;
  tokens: number;
  last = 0;
  lastEvent = 0;

  constructor(rate: number, burst: number) {
    this.rate = rate;
    this.burst = this.tokens = burst;
  }

  at(ms: number): number {
    return Math.min(this.burst, this.tokens + ((ms - this.last) * this.rate) / 1000);
  }

  /** When they can be used; `undefined` when not within the wait. */
  take(permits: number, ms: number, maxWaitMs: number): number | undefined {
    if (this.rate === Infinity) return ms;
    const tokens = this.at(ms) - permits;
    const waitMs = tokens < -1e-9 ? (-tokens / this.rate) * 1000 : 0;
    if (permits > this.burst || waitMs > maxWaitMs || waitMs === Infinity) return undefined;
    this.tokens = tokens;
    this.last = ms;
    this.lastEvent = Math.max(this.lastEvent, ms + waitMs);
    return ms + waitMs;
  }

  cancel(permits: number, actMs: number, ms: number): void {
    if (this.rate === Infinity || permits === 0 || actMs < ms) return;
    const restored = permits - ((this.lastEvent - actMs) * this.rate) / 1000;
    if (restored <= 0) return;
    this.tokens = Math.min(this.burst, this.at(ms) + restored);
    this.last = ms;
    if (actMs === this.lastEvent) {
      const before = actMs - (permits / this.rate) * 1000;
      if (before >= ms) this.lastEvent = before;
    }
  }

  set(rate: number, burst: number, ms: number): void {
    this.tokens = Math.min(burst, this.at(ms));
    this.last = ms;
    this.rate = rate;
    this.burst = burst;
  }
}

type Command =
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'try'; readonly permits: number }
  | { readonly do: 'reserve'; readonly permits: number; readonly maxWaitMs: number }
  | { readonly do: 'cancel'; readonly which: number }
  | { readonly do: 'update'; readonly rate: number; readonly burst: number };

const permits = fc.nat(8);
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.nat(400) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('try' as const), permits }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('reserve' as const),
      permits,
      maxWaitMs: fc.constantFrom(0, 150, 1_000, Infinity),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('cancel' as const), which: fc.nat(10) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('update' as const), rate: fc.constantFrom(0, 2, 10, 40), burst: fc.nat(8) }),
  },
);

it('does what x/time/rate does, by whatever mix of permits, reservations, cancellations and changes', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(2, 10, 40),
      fc.nat(8),
      fc.array(command, { maxLength: 50 }),
      (rate, burst, commands) => {
        const clock = new ManualClock();
        const bucket = new TokenBucket({ ratePerSecond: rate, burst, clock });
        const model = new Model(rate, burst);
        const made: { readonly reservation: Reservation; readonly permits: number; readonly actMs: number }[] = [];
        const canceled = new Set<unknown>();

        for (const each of commands) {
          if (each.do === 'advance') clock.ms += each.ms;
          else if (each.do === 'try') {
            expect(bucket.tryAcquire(each.permits)).toBe(model.take(each.permits, clock.ms, 0) !== undefined);
          } else if (each.do === 'reserve') {
            const reservation = bucket.reserve(each.permits, { maxWaitMs: each.maxWaitMs });
            const actMs = model.take(each.permits, clock.ms, each.maxWaitMs + 1e-9);
            expect(reservation === undefined).toBe(actMs === undefined);
            if (reservation === undefined || actMs === undefined) continue;
            expect(reservation.delayMs).toBeCloseTo(actMs - clock.ms, 6);
            made.push({ reservation, permits: each.permits, actMs });
          } else if (each.do === 'cancel') {
            const chosen = made[each.which];
            chosen?.reservation.cancel();
            if (chosen !== undefined && !canceled.has(chosen)) model.cancel(chosen.permits, chosen.actMs, clock.ms);
            canceled.add(chosen);
          } else {
            bucket.update({ ratePerSecond: each.rate, burst: each.burst });
            model.set(each.rate, each.burst, clock.ms);
          }
          expect(bucket.tokens).toBeCloseTo(model.at(clock.ms), 6);
          for (const { reservation, actMs } of made) {
            expect(reservation.delayMs).toBeCloseTo(Math.max(0, actMs - clock.ms), 6);
          }
        }
      },
    ),
    { numRuns: 2_000 },
  );
});
