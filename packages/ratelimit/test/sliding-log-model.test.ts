import { SlidingWindowLog, type Reservation } from '@patterns/ratelimit';
import fc from 'fast-check';
import { ManualClock } from './manual-clock.ts';

// Many rounds, on machines that have other things to do.
jest.setTimeout(120_000);

const windowMs = 50;

interface Permit {
  readonly takenMs: number;
  /** When it counts as taken. */
  atMs: number;
}

/** Remembers every permit. */
class NaiveLog {
  limit: number;
  nowMs = 0;
  #permits: Permit[] = [];

  constructor(limit: number) {
    this.limit = limit;
  }

  delayMs(permits: number): number {
    if (permits > this.limit) return Infinity;
    let atMs = this.nowMs;
    while (this.limit - this.#counted(atMs).length < permits) atMs++;
    return atMs - this.nowMs;
  }

  get remaining(): number {
    return Math.max(0, this.limit - this.#counted(this.nowMs).length);
  }

  take(permits: number): void {
    this.#permits = this.#counted(this.nowMs);
    const begins = permits > 0 && this.#permits.every(({ atMs }) => atMs < this.nowMs);
    for (let n = 0; n < permits; n++) this.#permits.push({ takenMs: this.nowMs, atMs: this.nowMs });
    if (begins) this.#boundMoments();
  }

  giveBack(permits: number, takenMs: number): void {
    if (takenMs + windowMs <= this.nowMs) return;
    for (let n = 0; n < permits; n++) {
      const place = this.#permits.findIndex((permit) => permit.takenMs === takenMs);
      if (place >= 0) this.#permits.splice(place, 1);
    }
  }

  #counted(nowMs: number): Permit[] {
    return this.#permits.filter(({ atMs }) => atMs + windowMs > nowMs);
  }

  /** No more than `limit + 1` of them: the permits of the oldest one beyond count as those of the next. */
  #boundMoments(): void {
    for (;;) {
      const moments = [...new Set(this.#permits.map(({ atMs }) => atMs))];
      if (moments.length <= this.limit + 1) return;
      const [oldest, next = NaN] = moments;
      for (const permit of this.#permits) if (permit.atMs === oldest) permit.atMs = next;
    }
  }
}

type Step =
  | { readonly do: 'try' | 'reserve' | 'limit'; readonly permits: number }
  | { readonly do: 'settle'; readonly permits: number; readonly which: number }
  | { readonly do: 'advance'; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('try', 'reserve', 'reserve'), permits: fc.nat(2) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('settle'), permits: fc.nat(3), which: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('limit'), permits: fc.nat(5) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('advance'), ms: fc.constantFrom(1, 1, 1, 2, 5, 20) }) },
);

it('SlidingWindowLog answers as a model that remembers every permit, whatever is given back or owed', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 40, size: 'max' }), (limit, steps) => {
      const clock = new ManualClock();
      const log = new SlidingWindowLog({ limit, windowMs, clock });
      const model = new NaiveLog(limit);
      const reserved: { readonly reservation: Reservation; readonly permits: number; readonly takenMs: number }[] = [];
      for (const step of steps) {
        switch (step.do) {
          case 'try': {
            const allowed = model.delayMs(step.permits) === 0;
            expect(log.tryAcquire(step.permits)).toBe(allowed);
            if (allowed) model.take(step.permits);
            break;
          }
          case 'reserve': {
            const { permits } = step;
            const reservation = log.reserve(permits, { maxWaitMs: 0 });
            expect(reservation !== undefined).toBe(model.delayMs(permits) === 0);
            if (reservation === undefined) break;
            model.take(permits);
            reserved.push({ reservation, permits, takenMs: clock.ms });
            break;
          }
          case 'settle': {
            const [one] = reserved.splice(step.which % reserved.length, 1);
            if (one === undefined) break;
            one.reservation.settle(step.permits);
            if (step.permits > one.permits) model.take(step.permits - one.permits);
            else model.giveBack(one.permits - step.permits, one.takenMs);
            break;
          }
          case 'limit':
            log.update({ limit: step.permits });
            model.limit = step.permits;
            break;
          case 'advance':
            clock.ms += step.ms;
            model.nowMs = clock.ms;
        }
        const asked = [0, 1, 3];
        expect([log.peek(0).remaining, ...asked.map((permits) => log.peek(permits).retryAfterMs)]).toEqual([
          model.remaining,
          ...asked.map((permits) => model.delayMs(permits)),
        ]);
      }
    }),
    { numRuns: 1_000 },
  );
});
