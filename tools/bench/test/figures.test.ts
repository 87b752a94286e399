import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { hasFigures, withFigures } from '../src/readme-figures.ts';
import { majorOf, resultsPage, type AreaResult } from '../src/results.ts';

const bench = join(__dirname, '..');
const packages = join(bench, '..', '..', 'packages');
const names = readdirSync(packages).filter((name) => existsSync(join(packages, name, 'package.json')));
const results = JSON.parse(readFileSync(join(bench, 'results.json'), 'utf8')) as AreaResult[];

/** Prettier lays tables out. */
const compact = (text: string) => text.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---');

test.each(names)('%s is measured', (name) => {
  const measured = results.filter(({ area }) => area === name).map(({ node }) => majorOf(node));
  expect(measured).toContain('20');
});

test.each(names)('the figures in the README of %s are those of the last measurement', (name) => {
  const readme = readFileSync(join(packages, name, 'README.md'), 'utf8');
  expect(hasFigures(readme)).toBe(true);
  expect(compact(readme)).toBe(compact(withFigures(readme, results)));
});

test('RESULTS.md is the page of results.json', () => {
  expect(compact(readFileSync(join(bench, 'RESULTS.md'), 'utf8')).trim()).toBe(compact(resultsPage(results)).trim());
});
