import { failOnLeaks } from '@patterns-tools/test-kit';
import { withCancel, type CancelableContext } from '@patterns/context';
import { VirtualClock } from '@patterns/context/testing';
import { allOf, SlidingWindowLog, TokenBucket, type RateLimiter } from '@patterns/ratelimit';
import fc from 'fast-check';

// Many rounds, on machines that have other things to do.
jest.setTimeout(120_000);

failOnLeaks();

const [limit, windowMs] = [2, 100];

const step = fc.record({
  do: fc.constantFrom('try', 'acquire', 'acquire', 'reserve', 'reserve', 'leave', 'delay', 'advance', 'advance'),
  /** Whom to ask. */
  of: fc.constantFrom('log', 'both', 'both', 'outer', 'others'),
  permits: fc.integer({ min: 1, max: limit }),
  ms: fc.constantFrom(1, 10, 40, 60, 100, 250),
  which: fc.nat(9),
});

/** A log, and what is made of it and others; and when permits of it are used. */
class Shared {
  readonly clock: VirtualClock = new VirtualClock();
  readonly used: number[] = [];
  readonly waiting: Set<CancelableContext> = new Set();
  /** Whoever asks it directly lets those who wait for both wait longer. */
  readonly slow: TokenBucket = new TokenBucket({ ratePerSecond: 20, burst: 4, clock: this.clock });
  readonly limiters: Readonly<Record<string, RateLimiter>>;

  constructor(isLast: boolean) {
    const { clock, slow } = this;
    const fast = (): TokenBucket => new TokenBucket({ ratePerSecond: 1_000, burst: 100, clock });
    const log = new SlidingWindowLog({ limit, windowMs, clock });
    const both = isLast ? allOf(slow, log) : allOf(log, slow);
    this.limiters = { log, both, outer: allOf(both, fast()), others: allOf(fast(), log) };
  }

  use(permits: number, atMs: number): void {
    for (let n = 0; n < permits; n++) this.used.push(atMs);
  }

  acquire(limiter: RateLimiter, permits: number): void {
    const ctx = withCancel();
    this.waiting.add(ctx);
    const end = (): void => {
      this.waiting.delete(ctx);
      ctx.cancel();
    };
    limiter.acquire(permits, { signal: ctx }).then(() => {
      this.use(permits, this.clock.now());
      end();
    }, end);
  }
}

it('what is reserved from several limits never exceeds one of them, together with whatever else is taken from it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.boolean(),
      fc.array(step, { minLength: 3, maxLength: 30, size: 'max' }),
      async (isLast, steps) => {
        const shared = new Shared(isLast);
        const { clock, used, waiting, limiters } = shared;
        for (const { do: act, of, permits, ms, which } of steps) {
          const limiter = limiters[of] as RateLimiter;
          // Of lines that are not part of each other nobody can tell who came before whom.
          const canWait = of === 'both' || of === 'outer';
          if (act === 'try') {
            if (limiter.tryAcquire(permits)) shared.use(permits, clock.now());
          } else if (act === 'acquire') {
            if (canWait) shared.acquire(limiter, permits);
          } else if (act === 'reserve') {
            shared.use(permits, clock.now() + (limiter.reserve(permits)?.delayMs ?? NaN));
          } else if (act === 'leave') [...waiting][which % waiting.size]?.cancel('left');
          else if (act === 'delay') shared.slow.tryAcquire(permits);
          else await clock.advance(ms);
          await clock.advance(0);
        }
        await clock.advance(60_000);
        expect([waiting.size, clock.pending]).toEqual([0, 0]);
        used.sort((one, other) => one - other);
        for (const [n, atMs] of used.entries()) {
          expect((used[n + limit] ?? Infinity) - atMs).toBeGreaterThanOrEqual(windowMs - 1e-6);
        }
      },
    ),
    { numRuns: 1_000 },
  );
});
