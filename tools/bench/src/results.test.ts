import type { MeasuredRow } from './measure-area.ts';
import { resultsPage, titleOf, withResult, type AreaResult } from './results.ts';

const row = (work: string): MeasuredRow => ({
  position: 0,
  work,
  measure: 'time',
  limit: undefined,
  ours: { name: 'ours', cost: { median: 1, min: 1, max: 1 }, ratio: undefined },
  peers: [],
  verdicts: [],
});
const result = (area: string, node: string, work = 'work'): AreaResult => ({
  area,
  node,
  circumstances: 'today, here',
  rows: [row(work)],
});

test('a result takes the place of the one of the same area and major version of Node; the others stay, in order', () => {
  let results: AreaResult[] = [];
  for (const measured of [
    result('retry', 'v20.19.0', 'old'),
    result('errors', 'v20.20.2'),
    result('retry', 'v24.21.0'),
    result('retry', 'v20.20.2', 'new'),
  ]) {
    results = withResult(results, measured);
  }
  expect(results.map(titleOf)).toEqual(['errors, Node 20', 'retry, Node 20', 'retry, Node 24']);
  expect(results[1]?.rows[0]?.work).toBe('new');
});

test('the page has an introduction, and a section for each result', () => {
  const page = resultsPage([result('errors', 'v20.20.2'), result('retry', 'v24.21.0')]);
  expect(page).toMatch(/^# Results\n/);
  expect(page.match(/^## .*$/gm)).toEqual(['## errors, Node 20', '## retry, Node 24']);
  expect(page).toContain('## errors, Node 20\n\ntoday, here\n\n| work |');
});
