import fc from 'fast-check';
import { exponential } from './exponential.ts';

const firstDelays = (count: number, delays: Iterator<number, unknown>): number[] =>
  Array.from({ length: count }, () => delays.next().value as number);

describe('exponential', () => {
  it('multiplies by the factor up to the maximum', () => {
    const backoff = exponential({ initialMs: 100, factor: 3, maxMs: 1_000, jitter: 'none' });
    expect(firstDelays(5, backoff.delays(Math.random))).toEqual([100, 300, 900, 1_000, 1_000]);
  });

  it('starts at 100 ms, doubles, and stays at 30 s by default, with full jitter', () => {
    const delays = firstDelays(
      11,
      exponential().delays(() => 0.5),
    );
    expect(delays).toEqual([50, 100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 15_000, 15_000]);
  });

  it('caps an initial delay above the maximum from the first on', () => {
    expect(
      firstDelays(2, exponential({ initialMs: 10_000, maxMs: 5_000, jitter: 'none' }).delays(Math.random)),
    ).toEqual([5_000, 5_000]);
  });

  it('caps what the jitter makes of a delay', () => {
    const highest = exponential({ initialMs: 900, maxMs: 1_000, jitter: 0.5 }).delays(() => 0.999);
    expect(firstDelays(3, highest)).toEqual([1_000, 1_000, 1_000]);
  });

  it.each([
    { jitter: 'none', low: 100, high: 100 },
    { jitter: 'full', low: 0, high: 100 },
    { jitter: 'equal', low: 50, high: 100 },
    { jitter: 0, low: 100, high: 100 },
    { jitter: 0.25, low: 75, high: 125 },
    { jitter: 1, low: 0, high: 200 },
  ] as const)('spreads 100 ms from $low to $high with jitter $jitter', ({ jitter, low, high }) => {
    const drawnFrom = (random: number): number =>
      firstDelays(
        1,
        exponential({ jitter }).delays(() => random),
      )[0] ?? NaN;
    expect(drawnFrom(0)).toBeCloseTo(low, 9);
    expect(drawnFrom(1)).toBeCloseTo(high, 9);
  });

  it('stays within [0, maxMs] at attempt 10 000, whatever the options', () => {
    const finite = fc.double({ min: 0, noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(
        fc.double({ min: 5e-324, noNaN: true, noDefaultInfinity: true }),
        fc.double({ min: 1, noNaN: true, noDefaultInfinity: true }),
        finite,
        fc.oneof(fc.constantFrom('none', 'full', 'equal'), fc.double({ min: 0, max: 1, noNaN: true })),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (initialMs, factor, maxMs, jitter, drawn) => {
          const delays = exponential({ initialMs, factor, maxMs, jitter: jitter as 'none' }).delays(() => drawn);
          for (let n = 0; n < 30; n++) expectBetween(delays.next().value as number, 0, maxMs);
        },
      ),
      { numRuns: 1_000 },
    );
    const delays = exponential({ jitter: 'none' }).delays(Math.random);
    expect(firstDelays(10_000, delays).at(-1)).toBe(30_000);
  });

  it('shares nothing between two iterators', () => {
    const backoff = exponential({ jitter: 'none' });
    const first = backoff.delays(Math.random);
    firstDelays(3, first);
    expect(firstDelays(2, backoff.delays(Math.random))).toEqual([100, 200]);
    expect(first.next().value).toBe(800);
  });

  it.each([
    [{ initialMs: 0 }, /initialMs must be finite and above 0, got 0/],
    [{ initialMs: -1 }, /initialMs/],
    [{ initialMs: Infinity }, /initialMs/],
    [{ factor: 0.99 }, /factor must be finite and at least 1, got 0.99/],
    [{ factor: NaN }, /factor/],
    [{ factor: Infinity }, /factor must be finite and at least 1, got Infinity/],
    [{ maxMs: -1 }, /maxMs/],
    [{ maxMs: Infinity }, /maxMs must be finite and at least 0, got Infinity/],
    [{ jitter: -0.01 }, /jitter must be from 0 to 1, got -0.01/],
    [{ jitter: 1.01 }, /jitter must be from 0 to 1, got 1.01/],
    [{ jitter: 'ful' as 'full' }, /jitter must be 'none', 'full', 'equal' or a number from 0 to 1, got "ful"/],
  ])('refuses %j', (options, message) => {
    expect(() => exponential(options)).toThrow(RangeError);
    expect(() => exponential(options)).toThrow(message);
  });

  it('refuses what is no number with a TypeError', () => {
    expect(() => exponential({ initialMs: '5' as unknown as number })).toThrow(
      new TypeError('initialMs must be a number, finite and above 0, got "5"'),
    );
    expect(() => exponential({ jitter: null as unknown as number })).toThrow(TypeError);
  });
});

function expectBetween(value: number, low: number, high: number): void {
  if (!(value >= low && value <= high)) throw new Error(`${value} is not within [${low}, ${high}]`);
}
