import { replaceSection } from './results-file.ts';

const sectionsOf = (results: string) => results.split(/^(?=## )/m).slice(1);

test('starts a file that is not there yet', () => {
  const results = replaceSection('', 'retry, Node 20', 'a table');
  expect(results).toMatch(/^# Results\n/);
  expect(sectionsOf(results)).toEqual(['## retry, Node 20\n\na table\n']);
});

test('replaces its own section and leaves the others as they are, in the order of their titles', () => {
  let results = replaceSection('', 'retry, Node 20', 'old table\n\n| a |');
  results = replaceSection(results, 'errors, Node 20', 'errors table');
  results = replaceSection(results, 'retry, Node 24', 'another Node');
  results = replaceSection(results, 'retry, Node 20', 'new table');
  expect(sectionsOf(results)).toEqual([
    '## errors, Node 20\n\nerrors table\n\n',
    '## retry, Node 20\n\nnew table\n\n',
    '## retry, Node 24\n\nanother Node\n',
  ]);
});

test('writing the same section again changes nothing', () => {
  const once = replaceSection(replaceSection('', 'b', 'table b'), 'a', 'table a');
  expect(replaceSection(once, 'b', 'table b')).toBe(once);
});
