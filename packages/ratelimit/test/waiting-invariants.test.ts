import { failOnLeaks } from '@patterns-tools/test-kit';
import { withTimeout, type CancelableContext, type Clock } from '@patterns/context';
import { VirtualClock } from '@patterns/context/testing';
import {
  AdaptiveRate,
  allOf,
  FixedWindow,
  Gcra,
  LeakyBucket,
  SlidingWindowCounter,
  SlidingWindowLog,
  TokenBucket,
  type LimiterOptions,
  type RateLimiter,
  type Reservation,
} from '@patterns/ratelimit';
import fc from 'fast-check';

// Many rounds, on machines that have other things to do.
jest.setTimeout(120_000);

failOnLeaks();

interface Subject {
  readonly limiter: RateLimiter;
  /** The most permits in any span of that length, reservations aside. */
  readonly bound: (spanMs: number) => number;
  /** Back and forth, without changing the bound. */
  readonly update: (isOdd: boolean) => void;
}

const windowed = (spanMs: number): number => 4 * (Math.floor((spanMs + 1e-6) / 200) + 1);
const twice = (spanMs: number): number => 4 * (Math.floor((spanMs + 1e-6) / 200) + 2);
const subjects: Readonly<Record<string, (options: LimiterOptions) => Subject>> = {
  TokenBucket: (options) => {
    const limiter = new TokenBucket({ ...options, ratePerSecond: 20, burst: 4 });
    const update = (isOdd: boolean): void => {
      limiter.update({ ratePerSecond: isOdd ? 10 : 20 });
    };
    return { limiter, bound: (spanMs) => 4 + spanMs / 50, update };
  },
  Gcra: (options) => {
    const limiter = new Gcra({ ...options, limit: 4, windowMs: 200 });
    const update = (isOdd: boolean): void => {
      limiter.update({ windowMs: isOdd ? 300 : 200 });
    };
    return { limiter, bound: (spanMs) => 4 + spanMs / 50, update };
  },
  LeakyBucket: ({ maxQueue = Infinity, ...options }) => {
    const capacity = Math.min(Math.max(maxQueue, 4), 1_000);
    const limiter = new LeakyBucket({ ...options, ratePerSecond: 20, capacity, slack: 1 });
    const update = (isOdd: boolean): void => {
      limiter.update({ ratePerSecond: isOdd ? 10 : 20 });
    };
    // Of calls: one of n permits starts at the first of its slots.
    return { limiter, bound: (spanMs) => 4 * (2 + spanMs / 50), update };
  },
  FixedWindow: (options) => ofWindow(new FixedWindow({ ...options, limit: 4, windowMs: 200 }), twice),
  SlidingWindowLog: (options) => ofWindow(new SlidingWindowLog({ ...options, limit: 4, windowMs: 200 }), windowed),
  SlidingWindowCounter: (options) => ofWindow(new SlidingWindowCounter({ ...options, limit: 4, windowMs: 200 }), twice),
  AdaptiveRate: (options) => {
    const limiter = new AdaptiveRate({ ...options, initialPerSecond: 20, maxPerSecond: 20, minPerSecond: 20 });
    const update = (isOdd: boolean): void => {
      limiter.observe(isOdd ? { throttled: true, retryAfterMs: 70 } : { status: 200 });
    };
    return { limiter, bound: (spanMs) => 20 + spanMs / 50, update };
  },
  allOf: (options) => {
    const bucket = new TokenBucket({ ...options, ratePerSecond: 20, burst: 4 });
    const limiter = allOf(bucket, new SlidingWindowLog({ limit: 4, windowMs: 200, clock: options.clock }));
    const update = (isOdd: boolean): void => {
      bucket.update({ ratePerSecond: isOdd ? 10 : 20 });
    };
    return { limiter, bound: (spanMs) => Math.min(windowed(spanMs), 4 + spanMs / 50), update };
  },
  'allOf with others of its kind': (options) => {
    const bucket = new TokenBucket({ ...options, ratePerSecond: 20, burst: 4 });
    const window = new SlidingWindowLog({ limit: 4, windowMs: 200, clock: options.clock });
    const limiter = allOf(allOf(bucket, window), bucket);
    const update = (isOdd: boolean): void => {
      bucket.update({ ratePerSecond: isOdd ? 10 : 20 });
    };
    return { limiter, bound: (spanMs) => Math.min(windowed(spanMs), 4 + spanMs / 50), update };
  },
};

function ofWindow(limiter: FixedWindow | SlidingWindowLog | SlidingWindowCounter, bound: Subject['bound']): Subject {
  const update = (isOdd: boolean): void => {
    limiter.update({ limit: isOdd ? 3 : 4 });
  };
  return { limiter, bound, update };
}

type Step =
  | { readonly do: 'acquire'; readonly permits: number; readonly maxWaitMs: number; readonly ends: number }
  | { readonly do: 'try' | 'reserve'; readonly permits: number }
  | { readonly do: 'abort' | 'cancel' | 'wait'; readonly which: number }
  | { readonly do: 'settle'; readonly which: number; readonly permits: number }
  | { readonly do: 'advance' | 'step the clock'; readonly ms: number }
  | { readonly do: 'update'; readonly isOdd: boolean };

const permits = fc.constantFrom(0, 1, 1, 1, 2, 3, 4);
const which = fc.nat(9);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('acquire' as const),
      permits,
      maxWaitMs: fc.constantFrom(0, 100, 300, Infinity, Infinity, Infinity),
      ends: fc.constantFrom(50, 200, 400, Infinity, Infinity, Infinity),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('try' as const, 'reserve' as const), permits }) },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constantFrom('abort' as const, 'cancel' as const, 'wait' as const), which }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('settle' as const), which, permits }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('update' as const), isOdd: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.nat(120) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('step the clock' as const), ms: fc.integer({ min: -300, max: 100 }) }),
  },
);

/** A limiter under fire, and what it granted to whom. */
class Range {
  readonly #timers = new VirtualClock();
  #skewMs = 0;
  readonly #subject: Subject;
  readonly #contexts: CancelableContext[] = [];
  readonly #waits: Promise<unknown>[] = [];
  readonly #reservations: Reservation[] = [];
  /** By the order in which they came. */
  readonly #served: number[] = [];
  /** By how much each has waited longer than it was to; negative: less. */
  readonly #overdueMs: number[] = [];
  readonly #grants: { readonly atMs: number; readonly permits: number }[] = [];
  #callers = 0;

  constructor(make: (options: LimiterOptions) => Subject, options: LimiterOptions) {
    const clock: Clock = {
      now: () => this.#timers.now() + this.#skewMs,
      setTimeout: (fn, ms) => this.#timers.setTimeout(fn, ms),
    };
    this.#subject = make({ ...options, clock });
  }

  async take(step: Step): Promise<void> {
    const { limiter, update } = this.#subject;
    switch (step.do) {
      case 'acquire':
        this.#acquire(step);
        break;
      case 'try':
        if (limiter.tryAcquire(step.permits)) this.#grant(step.permits);
        break;
      case 'reserve': {
        const reservation = limiter.reserve(step.permits);
        if (reservation !== undefined) this.#reservations.push(reservation);
        break;
      }
      case 'abort':
        this.#contexts[step.which % this.#contexts.length]?.cancel('aborted');
        break;
      case 'cancel':
        this.#reservation(step.which)?.cancel();
        break;
      case 'settle':
        this.#reservation(step.which)?.settle(step.permits);
        break;
      case 'wait': {
        const wait = this.#reservation(step.which)?.wait({ signal: this.#contexts[0] });
        if (wait !== undefined) this.#waits.push(wait.catch(() => undefined));
        break;
      }
      case 'update':
        update(step.isOdd);
        break;
      case 'advance':
        await this.#timers.advance(step.ms);
        break;
      case 'step the clock':
        this.#skewMs += step.ms;
    }
    await this.#timers.advance(0);
  }

  /** Everybody gets an answer, and nothing is left. */
  async finish(): Promise<void> {
    const { limiter, update } = this.#subject;
    update(false);
    await this.#timers.advance(60_000);
    await Promise.all(this.#waits);
    for (const context of this.#contexts) context.cancel();
    expect(this.#timers.pending).toBe(0);
    this.#skewMs += 1e6;
    expect(limiter.peek(0)).toMatchObject({ allowed: true, resetMs: 0 });
    expect(limiter.peek(0).remaining).toBe(limiter.peek(0).limit);
  }

  /** First come, first served, and nobody too late; and never more than the bound, in any span of the timers' time. */
  check(isBound: boolean, isTimed: boolean): void {
    if (isTimed) expect(Math.max(0, ...this.#overdueMs)).toBeLessThan(1e-6);
    expect(this.#served).toEqual([...this.#served].sort((one, other) => one - other));
    if (!isBound) return;
    for (const [index, first] of this.#grants.entries()) {
      let sum = 0;
      for (const { atMs, permits } of this.#grants.slice(index)) {
        sum += permits;
        expect(sum).toBeLessThanOrEqual(this.#subject.bound(atMs - first.atMs) + 1e-6);
      }
    }
  }

  #acquire({ permits, maxWaitMs, ends }: Step & { do: 'acquire' }): void {
    const id = this.#callers++;
    const signal = withTimeout(undefined, ends, { clock: this.#timers });
    this.#contexts.push(signal);
    const served = (): void => {
      this.#served.push(id);
      this.#grant(permits);
    };
    const latestMs = this.#timers.now() + maxWaitMs;
    const ended = (): void => {
      this.#overdueMs.push(this.#timers.now() - latestMs);
    };
    const wait = this.#subject.limiter.acquire(permits, { signal, maxWaitMs });
    this.#waits.push(wait.then(served, () => undefined).then(ended));
  }

  #grant(permits: number): void {
    this.#grants.push({ atMs: this.#timers.now(), permits });
  }

  #reservation(which: number): Reservation | undefined {
    return this.#reservations[which % this.#reservations.length];
  }
}

const steps = fc.array(step, { minLength: 5, maxLength: 40, size: 'max' });
const options = fc.record({
  maxQueue: fc.constantFrom(0, 2, 4, 1_000),
  overflow: fc.constantFrom('reject' as const, 'drop-oldest' as const),
});

describe.each(Object.entries(subjects))('%s', (_, make) => {
  it('under fire from all sides answers everybody, in order, and leaves nothing behind', async () => {
    await fc.assert(
      fc.asyncProperty(options, steps, async (options, steps) => {
        const range = new Range(make, options);
        for (const step of steps) await range.take(step);
        await range.finish();
        const isTimed = !steps.some((step) => step.do === 'step the clock');
        // What is given back after its time may be taken twice within it.
        range.check(isTimed && !steps.some((step) => step.do === 'settle' || step.do === 'cancel'), isTimed);
      }),
      { numRuns: 1_000 },
    );
  });
});
