import { median, pairedRatios, summarize } from './statistics.ts';

describe('median', () => {
  test('is the middle of an odd number of values, in whatever order they come', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([7])).toBe(7);
  });

  test('is half way between the middle two of an even number', () => {
    expect(median([10, 1, 2, 4])).toBe(3);
  });

  test('orders by number, not by text, and leaves the list as it was', () => {
    const values = [100, 9, 20];
    expect(median(values)).toBe(20);
    expect(values).toEqual([100, 9, 20]);
  });

  test('does not exist for an empty list', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

test('a summary holds the median and the extremes', () => {
  expect(summarize([3, 1, 2, 100])).toEqual({ median: 2.5, min: 1, max: 100 });
});

describe('paired ratios', () => {
  test('compare what ran in the same round, so that a machine that slows down changes nothing', () => {
    const machine = [1, 2, 10, 4];
    expect(
      pairedRatios(
        machine.map((slowness) => slowness * 30),
        machine.map((slowness) => slowness * 20),
      ),
    ).toEqual([1.5, 1.5, 1.5, 1.5]);
  });

  test('do not exist for different rounds', () => {
    expect(() => pairedRatios([1, 2], [1])).toThrow(RangeError);
  });
});
