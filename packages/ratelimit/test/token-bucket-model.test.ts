import { Gcra, TokenBucket, type Reservation } from '@patterns/ratelimit';
import fc from 'fast-check';
import { ManualClock } from './manual-clock.ts';
import { NaiveBucket } from './naive-bucket.ts';

// Many rounds, on machines that have other things to do.
jest.setTimeout(120_000);

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
        const model = new NaiveBucket(rate, burst);
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

it('a Gcra of the same rate and burst does the same, also with what is settled', () => {
  const step = fc.record({
    do: fc.constantFrom('try', 'check', 'reserve', 'reserve', 'cancel', 'settle', 'rate'),
    ms: fc.constantFrom(0, 0, 50, 100, 130, 400),
    permits: fc.nat(6),
    which: fc.nat(5),
  });
  fc.assert(
    fc.property(
      fc.constantFrom(5, 10),
      fc.integer({ min: 1, max: 6 }),
      fc.array(step, { maxLength: 40 }),
      (limit, burst, steps) => {
        const clock = new ManualClock();
        const bucket = new TokenBucket({ ratePerSecond: limit, burst, clock });
        const gcra = new Gcra({ limit, windowMs: 1_000, burst, clock });
        const made: (readonly [Reservation, Reservation])[] = [];
        for (const { do: act, ms, permits, which } of steps) {
          clock.ms += ms;
          if (act === 'try') expect(gcra.tryAcquire(permits)).toBe(bucket.tryAcquire(permits));
          else if (act === 'check') expect(gcra.check(permits).allowed).toBe(bucket.check(permits).allowed);
          else if (act === 'rate') {
            const ratePerSecond = [2, 5, 10, 40][which % 4] ?? 10;
            bucket.update({ ratePerSecond });
            gcra.update({ limit: ratePerSecond, burst });
          } else if (act === 'reserve') {
            const [one, other] = [bucket.reserve(permits), gcra.reserve(permits)];
            expect(other === undefined).toBe(one === undefined);
            if (one === undefined || other === undefined) continue;
            expect(other.delayMs).toBeCloseTo(one.delayMs, 6);
            made.push([one, other]);
          } else {
            for (const reservation of made[which % made.length] ?? []) {
              if (act === 'cancel') reservation.cancel();
              else reservation.settle(permits);
            }
          }
          const [one, other] = [bucket.peek(burst), gcra.peek(burst)];
          expect(other.retryAfterMs).toBeCloseTo(one.retryAfterMs, 6);
          expect(other.resetMs).toBeCloseTo(one.resetMs, 6);
          expect(other.remaining).toBe(one.remaining);
        }
      },
    ),
    { numRuns: 2_000 },
  );
});
