import { failOnLeaks } from '@patterns-tools/test-kit';
import { withDeadline, type CancelableContext, type Clock } from '@patterns/context';
import { VirtualClock } from '@patterns/context/testing';
import { RateLimitError, TokenBucket, type Reservation } from '@patterns/ratelimit';
import fc from 'fast-check';
import { NaiveLine } from './naive-line.ts';

// Many rounds, on machines that have other things to do.
jest.setTimeout(120_000);

failOnLeaks();

type Step =
  | { readonly do: 'try'; readonly permits: number }
  | {
      readonly do: 'acquire';
      readonly permits: number;
      readonly maxWaitMs: number;
      readonly ends: 'by deadline' | 'by abort' | 'never';
      readonly inMs: number;
    }
  | { readonly do: 'abort' | 'cancel'; readonly which: number }
  | { readonly do: 'settle'; readonly which: number; readonly permits: number }
  | { readonly do: 'reserve'; readonly permits: number }
  | { readonly do: 'update'; readonly rate: number; readonly burst: number }
  | { readonly do: 'advance' | 'step the clock'; readonly ms: number };

const permits = fc.constantFrom(0, 1, 1, 2, 2, 3, 3, 5);
const rate = fc.constantFrom(0, 5, 10, 10, 10, 30);
const burst = fc.constantFrom(1, 3, 3, 4, 6);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('try' as const), permits }) },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('acquire' as const),
      permits,
      maxWaitMs: fc.constantFrom(0, 300, 1_000, 3_000, Infinity, Infinity, Infinity),
      ends: fc.constantFrom('by deadline', 'by abort', 'by abort', 'never'),
      inMs: fc.constantFrom(0, 300, 1_000, 3_000, 3_000),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('abort' as const), which: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('reserve' as const), permits }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), which: fc.nat(4) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('settle' as const), which: fc.nat(4), permits }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('update' as const), rate, burst }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.nat(120) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('step the clock' as const), ms: fc.integer({ min: -400, max: 200 }) }),
  },
);

/** A real bucket beside the naive one. */
class Twins {
  readonly #timers = new VirtualClock();
  readonly #bucket: TokenBucket;
  readonly #naive: NaiveLine;
  readonly #outcomes = new Map<number, string>();
  readonly #controllers = new Map<number, AbortController>();
  readonly #contexts: CancelableContext[] = [];
  readonly #reserved: { readonly reservation: Reservation; readonly permits: number; readonly atMs: number }[] = [];
  #callers = 0;

  constructor(ratePerSecond: number, burst: number, maxQueue: number, overflow: 'reject' | 'drop-oldest') {
    this.#naive = new NaiveLine(ratePerSecond, burst, maxQueue, overflow === 'drop-oldest');
    const clock: Clock = {
      now: () => this.#timers.now() + this.#naive.skewMs,
      setTimeout: (fn, ms) => this.#timers.setTimeout(fn, ms),
    };
    this.#bucket = new TokenBucket({ ratePerSecond, burst, maxQueue, overflow, clock });
  }

  async take(step: Step): Promise<void> {
    const [bucket, naive] = [this.#bucket, this.#naive];
    switch (step.do) {
      case 'try':
        expect(bucket.tryAcquire(step.permits)).toBe(naive.tryAcquire(step.permits));
        break;
      case 'acquire':
        this.#acquire(step);
        break;
      case 'abort': {
        const able = naive.waiting.filter(({ id }) => this.#controllers.has(id));
        const who = able[step.which % able.length];
        if (who === undefined) break;
        this.#controllers.get(who.id)?.abort('aborted');
        naive.leave(who, 'aborted');
        break;
      }
      case 'reserve': {
        // Behind callers its time is another matter.
        bucket.peek();
        naive.look();
        if (naive.waiting.length > 0) break;
        const reservation = bucket.reserve(step.permits);
        const atMs = naive.reserve(step.permits);
        expect(reservation === undefined).toBe(atMs === undefined);
        if (reservation === undefined || atMs === undefined) break;
        expect(reservation.delayMs).toBeCloseTo(atMs - naive.seenMs, 6);
        this.#reserved.push({ reservation, permits: step.permits, atMs });
        break;
      }
      case 'cancel': {
        const [one] = this.#reserved.splice(step.which % this.#reserved.length, 1);
        if (one === undefined) break;
        one.reservation.cancel();
        naive.cancel(one.permits, one.atMs);
        break;
      }
      case 'settle': {
        const [one] = this.#reserved.splice(step.which % this.#reserved.length, 1);
        if (one === undefined) break;
        one.reservation.settle(step.permits);
        naive.settle(one.permits, step.permits, one.atMs);
        break;
      }
      case 'update':
        bucket.update({ ratePerSecond: step.rate, burst: step.burst });
        naive.update(step.rate, step.burst);
        break;
      case 'advance':
        await this.#timers.advance(step.ms);
        naive.advance(step.ms);
        break;
      case 'step the clock':
        naive.skewMs += step.ms;
    }
    await this.#timers.advance(0);
    expect([...this.#outcomes].sort(byCaller)).toEqual([...naive.outcomes].sort(byCaller));
  }

  /** Everybody is served, and nothing is left. */
  async finish(): Promise<void> {
    await this.take({ do: 'update', rate: 1_000, burst: 6 });
    await this.take({ do: 'advance', ms: 1_000 });
    expect(this.#outcomes.size).toBe(this.#callers);
    for (const context of this.#contexts) context.cancel();
    expect(this.#timers.pending).toBe(0);
    await this.take({ do: 'step the clock', ms: 1e6 });
    expect(this.#bucket.peek(6)).toMatchObject({ allowed: true, remaining: 0 });
  }

  #acquire({ permits, maxWaitMs, ends, inMs }: Step & { do: 'acquire' }): void {
    const id = this.#callers++;
    let deadlineMs = Infinity;
    let signal: AbortSignal | CancelableContext | undefined;
    if (ends === 'by deadline') {
      // Never at the moment at which somebody is served: which of two timers comes first then is another matter.
      deadlineMs = this.#timers.now() + inMs + 0.0123;
      this.#contexts.push((signal = withDeadline(undefined, deadlineMs, { clock: this.#timers })));
    } else if (ends === 'by abort') {
      const controller = new AbortController();
      this.#controllers.set(id, controller);
      ({ signal } = controller);
    }
    const settled = (how: string): void => {
      this.#outcomes.set(id, `${how} at ${this.#timers.now().toFixed(3)}`);
    };
    this.#bucket.acquire(permits, { signal, maxWaitMs }).then(
      () => {
        settled('served');
      },
      (error: unknown) => {
        if (error instanceof RateLimitError) settled(error.reason);
        else if (error instanceof RangeError) settled('above');
        else settled(error === 'aborted' ? 'aborted' : 'late');
      },
    );
    this.#naive.acquire({ id, permits, maxWaitMs, deadlineMs });
  }
}

function byCaller([one]: [number, string], [other]: [number, string]): number {
  return one - other;
}

it('acquire ends for everybody as, and when, it would for one after the other by hand', async () => {
  await fc.assert(
    fc.asyncProperty(
      rate,
      burst,
      fc.constantFrom(0, 2, 4, Infinity, Infinity),
      fc.constantFrom('reject', 'drop-oldest'),
      fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }),
      async (rate, burst, maxQueue, overflow, steps) => {
        const twins = new Twins(rate, burst, maxQueue, overflow);
        for (const step of steps) await twins.take(step);
        await twins.finish();
      },
    ),
    { numRuns: 1_000 },
  );
});
