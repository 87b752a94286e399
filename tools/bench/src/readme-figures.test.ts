import type { MeasuredContender, MeasuredRow } from './measure-area.ts';
import { hasFigures, withFigures } from './readme-figures.ts';
import type { AreaResult } from './results.ts';

const contender = (name: string, median: number, ratio?: number): MeasuredContender => ({
  name,
  cost: { median, min: median, max: median },
  ratio: ratio === undefined ? undefined : { median: ratio, min: ratio, max: ratio },
});
const rows: readonly MeasuredRow[] = [
  {
    position: 0,
    work: 'success',
    measure: 'time',
    limit: contender('limit', 100),
    ours: contender('ours', 140, 1.4),
    peers: [contender('slow', 4600, 46), contender('good', 120, 1.2)],
    verdicts: [
      { requirement: '≤ 1.5x limit', actual: '1.40x', isMet: true },
      { requirement: 'faster than good', actual: '0.86x', isMet: false },
    ],
  },
  {
    position: 1,
    work: 'success',
    measure: 'allocated',
    limit: undefined,
    ours: contender('ours', 385),
    peers: [contender('good', 1281)],
    verdicts: [],
  },
];
const on = (node: string, area = 'retry'): AreaResult => ({ area, node, circumstances: '', rows });
const readme = 'before\n\n<!-- figures of retry, by npm run bench -->\nold\n<!-- end of figures -->\n\nafter';

const tableOf = (text: string) => text.split('\n').filter((line) => line.startsWith('|'));

test('figures are ratios to the limit or bytes, the best peers first; a missed target is said', () => {
  const text = withFigures(readme, [on('v20.1.0'), on('v20.1.0', 'other')]);
  expect(tableOf(text)).toEqual([
    '| work | Node.js 20 | others, best first |',
    '| --- | --- | --- |',
    '| success | **1.40x**<br>missed: faster than good | good 1.20x<br>slow 46x |',
    '| success (heap) | **385** | good 1 281 |',
  ]);
  expect(text).toMatch(/^before\n[^]*\nafter$/);
  expect(text).not.toContain('old');
});

test('each Node has its columns', () => {
  const [header, , success] = tableOf(withFigures(readme, [on('v20.1.0'), on('v24.1.0')]));
  expect(header).toBe('| work | Node.js 20 | others, best first | Node.js 24 | others, best first |');
  expect(success?.match(/\*\*1\.40x\*\*/g)).toHaveLength(2);
});

test('writing them again changes nothing', () => {
  const once = withFigures(readme, [on('v20.1.0')]);
  expect(withFigures(once, [on('v20.1.0')])).toBe(once);
});

test('a block of an area that was not measured, and a README without a block, are left alone', () => {
  expect(withFigures(readme, [on('v20.1.0', 'other')])).toBe(readme);
  expect(withFigures('text', [])).toBe('text');
  expect([hasFigures(readme), hasFigures('text')]).toEqual([true, false]);
});
