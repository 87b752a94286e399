import fc from 'fast-check';
import type { Backoff } from './backoff.ts';
import { capped } from './capped.ts';
import { constant } from './constant.ts';
import { decorrelated } from './decorrelated.ts';
import { exponential } from './exponential.ts';
import { fibonacci } from './fibonacci.ts';
import { immediateFirst } from './immediate-first.ts';
import { jittered } from './jitter.ts';
import { linear } from './linear.ts';
import { sequence } from './sequence.ts';

/** At most `count` of them. */
function take(backoff: Backoff, count: number, random: () => number = Math.random): number[] {
  const delays = backoff.delays(random);
  const taken: number[] = [];
  for (let next = delays.next(); taken.length < count && next.done !== true; next = delays.next())
    taken.push(next.value);
  return taken;
}
const last = (values: readonly number[]): number => values.at(-1) ?? NaN;

/** In [0, 1), the same each time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('constant', () => {
  it('is the same each time, also 0', () => {
    expect(take(constant(7), 3)).toEqual([7, 7, 7]);
    expect(take(constant(0), 2)).toEqual([0, 0]);
  });
});

describe('linear', () => {
  it('adds the step, up to the maximum', () => {
    expect(take(linear({ initialMs: 10, stepMs: 5, maxMs: 22 }), 5)).toEqual([10, 15, 20, 22, 22]);
  });

  it('starts with 100 ms and steps by the first delay by default', () => {
    expect(take(linear(), 3)).toEqual([100, 200, 300]);
    expect(take(linear({ initialMs: 7 }), 3)).toEqual([7, 14, 21]);
    expect(last(take(linear(), 10_000))).toBe(30_000);
  });
});

describe('fibonacci', () => {
  it('is 1, 2, 3, 5, 8 times the first, up to the maximum', () => {
    expect(take(fibonacci({ initialMs: 1_000 }), 9)).toEqual([
      1_000, 2_000, 3_000, 5_000, 8_000, 13_000, 21_000, 30_000, 30_000,
    ]);
    expect(take(fibonacci(), 2)).toEqual([100, 200]);
  });

  it('caps the first as well, and stays at 0', () => {
    expect(take(fibonacci({ initialMs: 10, maxMs: 5 }), 3)).toEqual([5, 5, 5]);
    expect(last(take(fibonacci({ initialMs: 0 }), 10_000))).toBe(0);
  });
});

describe('sequence', () => {
  it('is exactly these, then ends', () => {
    expect(take(sequence([5, 0, 3]), 9)).toEqual([5, 0, 3]);
    expect(take(sequence([]), 9)).toEqual([]);
  });

  it('keeps what it was given when the array changes', () => {
    const delaysMs = [1, 2];
    const backoff = sequence(delaysMs);
    delaysMs.push(3);
    expect(take(backoff, 9)).toEqual([1, 2]);
  });
});

describe('decorrelated', () => {
  it('draws from the base to three times the delay before', () => {
    expect(take(decorrelated({ baseMs: 100, maxMs: 5_000 }), 5, () => 0.999_999_999)).toEqual(
      [300, 900, 2_700, 5_000, 5_000].map((delayMs) => expect.closeTo(delayMs, 1) as number),
    );
    expect(take(decorrelated({ baseMs: 100 }), 3, () => 0)).toEqual([100, 100, 100]);
  });

  it('stays within its bounds', () => {
    const bound = fc.double({ min: 0, noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(bound, bound, fc.integer(), (baseMs, maxMs, seed) => {
        let previous = baseMs;
        for (const delayMs of take(decorrelated({ baseMs, maxMs }), 30, seeded(seed))) {
          const low = Math.min(baseMs, maxMs, 3 * previous);
          const high = Math.min(maxMs, Math.max(baseMs, 3 * previous));
          if (!(delayMs >= low && delayMs <= high)) return false;
          previous = delayMs;
        }
        return true;
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('immediateFirst', () => {
  it('puts a 0 before the delays', () => {
    expect(take(immediateFirst(sequence([5, 6])), 9)).toEqual([0, 5, 6]);
  });
});

describe('capped', () => {
  it('shortens what is longer and ends with the delays', () => {
    expect(take(capped(sequence([1, 50, 9]), 10), 9)).toEqual([1, 10, 9]);
    expect(take(capped(capped(constant(9), 5), 7), 1)).toEqual([5]);
  });
});

describe('jittered', () => {
  it('spreads each delay and ends with them', () => {
    expect(take(jittered(sequence([100, 200]), 0.2), 9, () => 0)).toEqual([80, 160]);
    expect(take(jittered(sequence([100, 200]), 'equal'), 9, () => 0.5)).toEqual([75, 150]);
  });

  it.each([
    ['capped', capped(constant(500), 100)],
    ['linear', linear({ maxMs: 100 })],
    ['exponential', exponential({ maxMs: 100, jitter: 'none' })],
    ['decorrelated', decorrelated({ maxMs: 100 })],
    ['fibonacci', fibonacci({ maxMs: 100 })],
    ['immediateFirst', immediateFirst(linear({ maxMs: 100 }))],
    ['jittered', jittered(linear({ maxMs: 100 }), 0.5)],
  ])('keeps to the maximum of %s', (_, backoff) => {
    expect(last(take(jittered(backoff, 1), 20, () => 0.9))).toBe(100);
  });

  it('goes above a delay that is no maximum', () => {
    expect(take(jittered(constant(100), 0.5), 1, () => 0.75)).toEqual([125]);
  });

  it.each([
    ['full', 0],
    ['equal', 0.5],
  ] as const)('with %s stays below the delay, and not below %d of it, whatever the chance', (jitter, least) => {
    const delay = fc.double({ min: 1e-300, noNaN: true, noDefaultInfinity: true });
    const chance = fc.oneof(
      fc.constant(0),
      fc.constant(1 - 2 ** -53),
      fc.double({ min: 0, max: 1 - 2 ** -53, noNaN: true }),
    );
    fc.assert(
      fc.property(delay, chance, (delayMs, drawn) => {
        const [jitteredMs = NaN] = take(jittered(constant(delayMs), jitter), 1, () => drawn);
        return jitteredMs >= least * delayMs && jitteredMs < delayMs;
      }),
      { numRuns: 1_000 },
    );
  });

  it('spreads uniformly', () => {
    const draws = 100_000;
    const buckets = 20;
    const random = seeded(42);
    for (const [jitter, low, high] of [
      ['full', 0, 100],
      ['equal', 50, 100],
      [0.5, 50, 150],
    ] as const) {
      const counts = Array.from({ length: buckets }, () => 0);
      for (const delayMs of take(jittered(constant(100), jitter), draws, random)) {
        const bucket = Math.floor(((delayMs - low) / (high - low)) * buckets);
        counts[bucket] = (counts[bucket] ?? NaN) + 1;
      }
      const expected = draws / buckets;
      const chiSquared = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
      // 19 degrees of freedom: 43.8 is exceeded once in a thousand times.
      expect(chiSquared).toBeLessThan(43.8);
    }
  });
});

describe('a backoff', () => {
  const all: readonly (readonly [string, Backoff])[] = [
    ['constant', constant(5)],
    ['linear', linear()],
    ['exponential', exponential()],
    ['decorrelated', decorrelated()],
    ['fibonacci', fibonacci()],
    ['immediateFirst', immediateFirst(exponential())],
    ['capped', capped(exponential(), 50)],
    ['jittered', jittered(linear(), 'full')],
  ];

  it.each(all)('gives the same delays for the same chance: %s', (_, backoff) => {
    expect(take(backoff, 50, seeded(7))).toEqual(take(backoff, 50, seeded(7)));
  });

  it.each(all)('gives delays that a timer can wait for, however many: %s', (_, backoff) => {
    const delays = take(backoff, 10_000, seeded(3));
    expect(delays).toHaveLength(10_000);
    expect(delays.filter((delayMs) => !(delayMs >= 0 && delayMs <= 30_000))).toEqual([]);
  });

  it.each<readonly [() => Backoff, string]>([
    [() => constant(-1), 'delayMs must be finite and at least 0, got -1'],
    [() => constant(NaN), 'delayMs must be finite and at least 0, got NaN'],
    [() => constant(Infinity), 'delayMs must be finite and at least 0, got Infinity'],
    [() => linear({ initialMs: -1 }), 'initialMs must be finite and at least 0, got -1'],
    [() => linear({ stepMs: -1 }), 'stepMs must be finite and at least 0, got -1'],
    [() => linear({ maxMs: Infinity }), 'maxMs must be finite and at least 0, got Infinity'],
    [() => decorrelated({ baseMs: NaN }), 'baseMs must be finite and at least 0, got NaN'],
    [() => decorrelated({ maxMs: -1 }), 'maxMs must be finite and at least 0, got -1'],
    [() => fibonacci({ initialMs: Infinity }), 'initialMs must be finite and at least 0, got Infinity'],
    [() => fibonacci({ maxMs: NaN }), 'maxMs must be finite and at least 0, got NaN'],
    [() => sequence([1, -2]), 'delaysMs[1] must be finite and at least 0, got -2'],
    [() => capped(constant(1), -1), 'maxMs must be finite and at least 0, got -1'],
    [() => jittered(constant(1), 2), 'jitter must be from 0 to 1, got 2'],
  ])('refuses a number out of range: %s', (make, message) => {
    expect(make).toThrow(new RangeError(message));
    expect(make).toThrow(RangeError);
  });

  it.each<readonly [() => Backoff, string]>([
    [() => capped([1] as unknown as Backoff, 1), 'backoff must be a backoff, such as exponential(), got an array'],
    [() => jittered(null as unknown as Backoff, 0.5), 'backoff must be a backoff, such as exponential(), got null'],
    [() => immediateFirst({} as unknown as Backoff), 'backoff must be a backoff, such as exponential(), got an object'],
    [() => sequence('12' as unknown as number[]), 'delaysMs must be an array, got "12"'],
    [() => constant('1' as unknown as number), 'delayMs must be a number, finite and at least 0, got "1"'],
  ])('refuses what is of another type: %s', (make, message) => {
    expect(make).toThrow(new TypeError(message));
    expect(make).toThrow(TypeError);
  });
});
