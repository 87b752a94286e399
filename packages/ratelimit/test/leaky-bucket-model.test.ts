import { LeakyBucket, type Reservation } from '@patterns/ratelimit';
import fc from 'fast-check';
import { ManualClock } from './manual-clock.ts';
import { NaiveSlots, type Call } from './naive-slots.ts';

// Many rounds, on machines that have other things to do.
jest.setTimeout(120_000);

const step = fc.record({
  do: fc.constantFrom('try', 'try', 'reserve', 'reserve', 'reserve', 'cancel', 'cancel', 'settle', 'update'),
  ms: fc.constantFrom(0, 0, 0, 50, 100, 130, 700),
  permits: fc.nat(4),
  which: fc.nat(5),
});

it('spaces what is taken, given back, used beyond and changed as if each slot were written down', () => {
  fc.assert(
    fc.property(fc.constantFrom(5, 10, 20), fc.array(step, { maxLength: 40 }), (rate, steps) => {
      const clock = new ManualClock(1_000);
      const limiter = new LeakyBucket({ ratePerSecond: rate, capacity: 1_000, clock });
      const slots = new NaiveSlots(rate, 0);
      let made: { readonly reservation: Reservation; readonly call: Call; readonly permits: number }[] = [];
      let hasChanged = false;
      /** What was taken at another rate is given back at once or not at all. */
      const taken = (): void => {
        if (hasChanged) made = [];
        hasChanged = false;
      };
      for (const { do: act, ms, permits, which } of steps) {
        clock.ms += ms;
        if (act === 'try') {
          const isFree = slots.nextMs <= clock.ms + 1e-6;
          expect(limiter.tryAcquire(permits)).toBe(isFree);
          if (isFree && permits > 0) {
            taken();
            slots.take(permits, clock.ms);
          }
        } else if (act === 'reserve') {
          const reservation = limiter.reserve(permits);
          if (permits > 0) taken();
          const call = slots.take(permits, clock.ms);
          expect(reservation?.delayMs).toBeCloseTo(call.atMs - clock.ms, 6);
          if (reservation !== undefined) made.push({ reservation, call, permits });
        } else if (act === 'update') {
          const ratePerSecond = [5, 10, 20, 40][which % 4] as number;
          limiter.update({ ratePerSecond });
          slots.update(ratePerSecond);
          made = made.slice(-1);
          hasChanged = true;
        } else {
          const [one] = made.splice(which % made.length, 1);
          if (one === undefined) continue;
          const { reservation, call } = one;
          const isOver = call.atMs < clock.ms - 1e-6;
          if (act === 'cancel') {
            reservation.cancel();
            if (!isOver) slots.giveBack(call, one.permits);
          } else {
            reservation.settle(permits);
            if (permits > one.permits) {
              taken();
              slots.charge(permits - one.permits, clock.ms);
            } else slots.giveBack(call, one.permits - permits);
          }
        }
        expect(limiter.peek().retryAfterMs).toBeCloseTo(Math.max(0, slots.nextMs - clock.ms), 6);
      }
    }),
    { numRuns: 2_000 },
  );
});

it('says with a call what is left after it, with whatever slack', () => {
  const steps = fc.array(fc.record({ ms: fc.constantFrom(0, 30, 100, 250, 1_000), permits: fc.nat(3) }), {
    maxLength: 20,
  });
  fc.assert(
    fc.property(fc.nat(4), steps, (slack, steps) => {
      const clock = new ManualClock(1_000);
      const limiter = new LeakyBucket({ ratePerSecond: 10, capacity: 5, slack, clock });
      for (const { ms, permits } of steps) {
        clock.ms += ms;
        const foreseen = limiter.peek(permits);
        expect(limiter.check(permits)).toEqual(foreseen);
        const { remaining, resetMs } = limiter.peek(0);
        expect([foreseen.remaining, foreseen.resetMs]).toEqual([remaining, resetMs]);
      }
    }),
    { numRuns: 1_000 },
  );
});
