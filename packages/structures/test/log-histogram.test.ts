import { LogHistogram } from '@patterns/structures';
import fc from 'fast-check';

const filled = (values: readonly number[]): LogHistogram => {
  const histogram = new LogHistogram();
  for (const value of values) histogram.record(value);
  return histogram;
};
const inRange = (value: number): number => Math.min(Math.max(value, 0.01), 1e9);
const nearestRank = (values: readonly number[], p: number): number => {
  const sorted = values.map(inRange).sort((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil((p * sorted.length) / 100)) - 1] as number;
};
const expectWithinOnePercent = (actual: number, expected: number): void => {
  const isWithin = Math.abs(actual - expected) / expected <= 0.01;
  // Called a hundred thousand times: `expect` alone would take ten seconds.
  if (!isWithin) throw new Error(`expected ${actual} to be within one percent of ${expected}`);
};

test('is all zero without values', () => {
  const histogram = new LogHistogram();
  expect(histogram.summary()).toEqual({ count: 0, mean: 0, p50: 0, p90: 0, p99: 0, max: 0 });
  expect(histogram.percentile(0)).toBe(0);
  expect(histogram.percentile(100)).toBe(0);
});

test('counts, averages and finds the greatest exactly', () => {
  const histogram = filled([1, 2, 4, 1000.5]);
  expect(histogram.count).toBe(4);
  expect(histogram.summary()).toMatchObject({ count: 4, mean: 251.875, max: 1000.5 });
  expect(histogram.percentile(100)).toBe(1000.5);
});

test('uses the nearest rank, also where floating point would round it up', () => {
  const hundred = filled(Array.from({ length: 100 }, (_, index) => (index + 1) * 10));
  for (const [p, expected] of [
    [0, 10],
    [1, 10],
    [1.5, 20],
    [50, 500],
    [55, 550],
    [99, 990],
    [99.5, 1000],
    [100, 1000],
  ] as const) {
    expectWithinOnePercent(hundred.percentile(p), expected);
  }
  // Two values far apart: a rank too high shows.
  const lopsided = filled([...Array.from({ length: 55 }, () => 1), ...Array.from({ length: 45 }, () => 1000)]);
  expectWithinOnePercent(lopsided.percentile(55), 1);
  expectWithinOnePercent(lopsided.percentile(55.1), 1000);
});

test('counts negative values as 0, and those outside its range as the nearest in it', () => {
  const low = filled([-5, 0, 0.001]);
  expect(low.summary()).toMatchObject({ count: 3, max: 0.001 });
  expect(low.summary().mean).toBeCloseTo(0.001 / 3, 12);
  expectWithinOnePercent(low.percentile(50), 0.01);
  const high = filled([1e12, Infinity]);
  expect(high.summary()).toMatchObject({ max: Infinity, mean: Infinity });
  expectWithinOnePercent(high.percentile(100), 1e9);
});

test('takes nothing that is no number', () => {
  const histogram = new LogHistogram();
  for (const [value, shown] of [
    [NaN, 'NaN'],
    [undefined, 'undefined'],
    [null, 'null'],
    ['fast', '"fast"'],
    ['5', '"5"'],
    ['-5', '"-5"'],
    [5n, '5'],
    [true, 'true'],
    [[5], 'an array'],
  ]) {
    expect(() => {
      histogram.record(value as number);
    }).toThrow(new RangeError(`value must be a number, got ${String(shown)}`));
  }
  expect(histogram.summary().count).toBe(0);
});

test.each([-0.1, 100.1, NaN, Infinity, undefined])('has no percentile %p', (p) => {
  expect(() => filled([1]).percentile(p as number)).toThrow(
    new RangeError(`p must be from 0 to 100, got ${String(p)}`),
  );
  expect(() => new LogHistogram().percentile(p as number)).toThrow(RangeError);
});

test('is as new after a reset', () => {
  const histogram = filled([5, 7]);
  histogram.reset();
  expect(histogram.summary()).toEqual(new LogHistogram().summary());
  histogram.record(3);
  expect(histogram.summary()).toMatchObject({ count: 1, mean: 3, p50: 3, max: 3 });
});

test('may be merged with itself', () => {
  const histogram = filled([1, 3]);
  histogram.merge(histogram);
  expect(histogram.summary()).toMatchObject({ count: 4, mean: 2, max: 3 });
});

test('stays below 12 kB whatever is recorded', () => {
  const before = process.memoryUsage().arrayBuffers;
  const histograms = Array.from({ length: 100 }, () => filled([0, 0.01, 1, 1e9, 1e20]));
  for (let value = 0.001; value < 1e11; value *= 1.003) for (const histogram of histograms) histogram.record(value);
  const bytes = (process.memoryUsage().arrayBuffers - before) / histograms.length;
  expect(bytes).toBeLessThanOrEqual(12_000);
});

/** Spread over all magnitudes, and a few beyond the range. */
const value = fc.oneof(
  { weight: 8, arbitrary: fc.double({ min: -2.2, max: 9.2, noNaN: true }).map((exponent) => 10 ** exponent) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 2000 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 0.01, 1e9, -1, 0.5, 1, 2, 1023, 1024, 1025) },
);

test('is within one percent of sorting, at every percentile', () => {
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 80 }),
      fc.double({ min: 0, max: 100, noNaN: true }),
      (values, p) => {
        const histogram = filled(values);
        for (const percent of [p, 0, 50, 90, 99, 100]) {
          expectWithinOnePercent(histogram.percentile(percent), nearestRank(values, percent));
        }
        const { count, mean, max } = histogram.summary();
        const positive = values.map((each) => Math.max(0, each));
        expect(count).toBe(values.length);
        expect(max).toBe(Math.max(...positive));
        expect(mean).toBeCloseTo(positive.reduce((sum, each) => sum + each, 0) / values.length, 3);
      },
    ),
    { numRuns: 2000 },
  );
});

test('is within one percent of any one value', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.01, max: 1e9, noNaN: true }),
      fc.double({ min: -2, max: 9, noNaN: true }),
      (any, exponent) => {
        for (const single of [any, inRange(10 ** exponent)]) {
          // A greater one keeps the bucket's middle from being cut to the maximum.
          expectWithinOnePercent(filled([single, 2e9]).percentile(50), single);
        }
      },
    ),
    { numRuns: 5000 },
  );
});

test('says the same of two merged as of one that got all', () => {
  fc.assert(
    fc.property(fc.array(value), fc.array(value), fc.double({ min: 0, max: 100, noNaN: true }), (left, right, p) => {
      const merged = filled(left);
      merged.merge(filled(right));
      const whole = filled([...left, ...right]);
      expect(merged.percentile(p)).toBe(whole.percentile(p));
      expect(merged.count).toBe(whole.count);
      expect(merged.summary().max).toBe(whole.summary().max);
      expect(merged.summary().mean).toBeCloseTo(whole.summary().mean, 3);
    }),
    { numRuns: 1000 },
  );
});

test('has percentiles that never fall', () => {
  fc.assert(
    fc.property(fc.array(value, { minLength: 1 }), (values) => {
      const histogram = filled(values);
      const percentiles = Array.from({ length: 101 }, (_, p) => histogram.percentile(p));
      expect(percentiles).toEqual([...percentiles].sort((a, b) => a - b));
    }),
    { numRuns: 1000 },
  );
});
