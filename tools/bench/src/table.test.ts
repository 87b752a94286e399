import type { MeasuredContender, MeasuredRow } from './measure-area.ts';
import { table } from './table.ts';

const contender = (name: string, median: number, ratio?: number): MeasuredContender => ({
  name,
  cost: { median, min: median / 2, max: median * 2 },
  ratio: ratio === undefined ? undefined : { median: ratio, min: ratio / 2, max: ratio * 2 },
});

const success: MeasuredRow = {
  position: 0,
  work: 'success at once',
  measure: 'time',
  limit: contender('limit', 129),
  ours: contender('ours', 180, 1.4),
  peers: [contender('p-retry', 4600, 35.7), contender('cockatiel', 220, 1.71)],
  verdicts: [
    { requirement: '≤ 1.5x limit', actual: '1.40x', isMet: true },
    { requirement: '≥ 30x p-retry', actual: '26x', isMet: false },
  ],
};

test('a row gives the limit, ours with its extremes, the peers from the best, and what became of the target', () => {
  expect(table([success]).split('\n')).toEqual([
    '| work | limit | ours | peers, best first | target |',
    '| --- | --- | --- | --- | --- |',
    '| success at once | 129 (65-258) ns | **180 ns** (90-360) = 1.40x (0.70x-2.80x) | cockatiel 220 = 1.71x<br>p-retry 4 600 = 36x | ≤ 1.5x limit: met, 1.40x<br>≥ 30x p-retry: **missed**, 26x |',
  ]);
});

test('a row about heap says so, and may do without limit, peers and target', () => {
  const heap: MeasuredRow = {
    ...success,
    measure: 'retained',
    limit: undefined,
    ours: contender('ours', 9.5),
    peers: [],
    verdicts: [],
  };
  expect(table([heap]).split('\n')[2]).toBe('| success at once (heap) |  | **9.5 bytes** (4.8-19) |  |  |');
});

test('a bar in a name does not end its cell', () => {
  expect(table([{ ...success, work: 'a | b' }])).toContain('| a \\| b |');
});

test('large numbers have their thousands apart', () => {
  const row = { ...success, peers: [contender('slow', 2_200_000, 12_345.6)] };
  expect(table([row])).toContain('slow 2 200 000 = 12 346x');
});
