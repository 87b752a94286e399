import { VirtualClock } from '@patterns/context/testing';
import fc from 'fast-check';
import { RetryBudget } from './retry-budget.ts';

const times = (count: number, run: () => unknown): unknown[] => Array.from({ length: count }, run);

describe('RetryBudget', () => {
  it('allows a share of the calls in the window', () => {
    const budget = new RetryBudget({ ratio: 0.2, minPerSecond: 0, clock: new VirtualClock() });
    expect(budget.tryWithdraw()).toBe(false);
    times(10, () => {
      budget.record('call');
    });
    expect(budget.balance).toBe(2);
    expect(times(3, () => budget.tryWithdraw())).toEqual([true, true, false]);
    expect(budget.balance).toBe(0);
  });

  it('allows a floor for low traffic: by default 10 a second over 10 seconds, and a fifth of the calls', () => {
    const budget = new RetryBudget({ clock: new VirtualClock() });
    expect(budget.balance).toBe(100);
    times(5, () => {
      budget.record('call');
    });
    expect(budget.balance).toBe(101);
  });

  it('counts calls alone, not how they ended', () => {
    const budget = new RetryBudget({ ratio: 1, minPerSecond: 0, clock: new VirtualClock() });
    budget.record('success');
    budget.record('failure');
    expect(budget.balance).toBe(0);
  });

  it('forgets calls and withdrawals as they leave the window', async () => {
    const clock = new VirtualClock({ now: 12.5 });
    const budget = new RetryBudget({ ratio: 0.5, minPerSecond: 1, windowMs: 1_000, clock });
    const timeline: [number, number][] = [];
    for (const [waitMs, calls, withdrawals] of [
      [0, 4, 0],
      [500, 2, 3],
      [499, 0, 0],
      [1, 0, 0],
      [500, 0, 0],
    ] as const) {
      await clock.advance(waitMs);
      times(calls, () => {
        budget.record('call');
      });
      times(withdrawals, () => budget.tryWithdraw());
      timeline.push([clock.now() - 12.5, budget.balance]);
    }
    expect(timeline).toEqual([
      [0, 3],
      [500, 1],
      [999, 1],
      [1_000, 0],
      [1_500, 1],
    ]);
  });

  it('drops what is exactly as old as the window, whatever the fractions of a millisecond', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e6 }),
        fc.constantFrom(1, 7, 100, 1_000, 10_000),
        fc.integer({ min: 1, max: 3 }),
        (tenths, windowMs, times) => {
          let now = tenths / 10;
          const clock = { now: () => now, setTimeout: () => ({ [Symbol.dispose]: () => undefined }) };
          const budget = new RetryBudget({ ratio: 1, minPerSecond: 0, windowMs, clock });
          budget.record('call');
          expect(budget.balance).toBe(1);
          now += times * windowMs;
          expect(budget.balance).toBe(0);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('drops everything after an idle time longer than the window', async () => {
    const clock = new VirtualClock();
    const budget = new RetryBudget({ ratio: 1, minPerSecond: 0, windowMs: 100, clock });
    times(7, () => {
      budget.record('call');
    });
    await clock.advance(1e9);
    expect(budget.balance).toBe(0);
  });

  it('neither mints nor forgets when the clock steps back', () => {
    let now = 1_000;
    const budget = new RetryBudget({
      ratio: 1,
      minPerSecond: 0,
      windowMs: 100,
      clock: { now: () => now, setTimeout: () => ({ [Symbol.dispose]: () => undefined }) },
    });
    now = 1_050;
    times(3, () => {
      budget.record('call');
    });
    now = 0;
    expect(budget.balance).toBe(3);
    budget.record('call');
    now = 1_059;
    expect(budget.balance).toBe(4);
  });

  it('equals a list of everything that happened, for any series of events', () => {
    const step = fc.record({
      waitMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 400 })),
      event: fc.constantFrom('call' as const, 'withdraw' as const),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 10 }),
        fc.integer({ min: 0, max: 3 }),
        fc.array(step, { maxLength: 120 }),
        (tenths, minPerSecond, steps) => {
          let now = 0;
          const clock = { now: () => now, setTimeout: () => ({ [Symbol.dispose]: () => undefined }) };
          const budget = new RetryBudget({ ratio: tenths / 10, minPerSecond, windowMs: 1_000, clock });
          const calls: number[] = [];
          const withdrawals: number[] = [];
          for (const { waitMs, event } of steps) {
            now += waitMs;
            // Ten buckets of 100 ms, the newest included.
            const kept = (at: number): boolean => Math.floor(at / 100) > Math.floor(now / 100) - 10;
            if (event === 'call') {
              budget.record('call');
              calls.push(now);
              continue;
            }
            const tenthsLeft =
              tenths * calls.filter(kept).length + 10 * minPerSecond - 10 * withdrawals.filter(kept).length;
            expect(budget.balance).toBe(Math.max(0, Math.floor(tenthsLeft / 10)));
            const granted = budget.tryWithdraw();
            expect(granted).toBe(tenthsLeft >= 10);
            if (granted) withdrawals.push(now);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it.each([
    [{ ratio: -0.1 }, 'ratio must be finite and at least 0, got -0.1'],
    [{ ratio: NaN }, 'ratio must be finite and at least 0, got NaN'],
    [{ ratio: Infinity }, 'ratio must be finite and at least 0, got Infinity'],
    [{ minPerSecond: -1 }, 'minPerSecond must be finite and at least 0, got -1'],
    [{ minPerSecond: Infinity }, 'minPerSecond must be finite and at least 0, got Infinity'],
    [{ windowMs: 0 }, 'windowMs must be finite and above 0, got 0'],
    [{ windowMs: Infinity }, 'windowMs must be finite and above 0, got Infinity'],
  ])('refuses %j', (options, message) => {
    expect(() => new RetryBudget(options)).toThrow(new RangeError(message));
    expect(() => new RetryBudget(options)).toThrow(RangeError);
  });

  it('refuses what is no clock', () => {
    expect(() => new RetryBudget({ clock: Date as never })).toThrow(
      new TypeError('clock must be a clock, got a function'),
    );
    expect(() => new RetryBudget({ clock: { setTimeout } as never })).toThrow(
      new TypeError('clock must be a clock, got an object'),
    );
  });
});
