import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const bench = join(__dirname, '..');
const resultsFile = join(bench, 'RESULTS.md');

/** In processes of its own, as always: most peers are ES modules, which Jest cannot load. */
function run(...args: string[]) {
  return spawnSync(process.execPath, ['--import', 'tsx', 'src/main.ts', ...args], { cwd: bench, encoding: 'utf8' });
}

const results = () => (existsSync(resultsFile) ? readFileSync(resultsFile, 'utf8') : undefined);

// One measures times alone, the other also the heap.
test.each(['errors', 'structures'])(
  'a quick run of %s prints its table and leaves RESULTS.md alone',
  (area) => {
    const before = results();
    const { status, stdout, stderr } = run('--quick', '--no-build', area);

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const lines = stdout.trim().split('\n');
    expect(lines[0]).toBe(`## ${area}, Node ${process.versions.node.split('.')[0]}`);
    expect(lines[2]).toContain(`Node ${process.version} on `);
    const [header, , ...rows] = lines.slice(4);
    expect(header).toBe('| work | limit | ours | peers, best first | target |');
    expect(rows.length).toBeGreaterThanOrEqual(4);
    for (const row of rows) {
      expect(row.split(' | ')).toHaveLength(5);
      expect(row).toMatch(/\*\*[\d .]+ (ns|bytes)\*\*/);
      expect(row).not.toMatch(/NaN|Infinity|undefined/);
    }
    expect(results()).toBe(before);
  },
  180_000,
);

test('names the areas there are when asked for another', () => {
  const { status, stderr } = run('--no-build', 'breakfast');
  expect(status).toBe(2);
  expect(stderr).toMatch(/no such area: breakfast; there are .*\berrors\b.*\bretry\b/);
});

test('says how it is used when it does not understand', () => {
  const { status, stderr } = run('--fast');
  expect(status).toBe(2);
  expect(stderr).toMatch(/--fast/);
  expect(stderr).toMatch(/npm run bench -- \[options\]/);
});
