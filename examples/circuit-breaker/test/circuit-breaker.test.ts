import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { interrupt } from '@patterns-tools/test-kit';

const cwd = join(__dirname, '..');

describe('examples/circuit-breaker', () => {
  const output = execFileSync(process.execPath, ['--import', 'tsx', 'src/main.ts'], {
    cwd,
    encoding: 'utf8',
    timeout: 120_000,
    killSignal: 'SIGKILL',
    env: { ...process.env, NO_COLOR: '1' },
  });
  const lines = output.split('\n');

  it('sees slow answers with the rule for them, and with no other', () => {
    expect(output).toContain('failure rate: 12 of 12 calls made, closed');
    expect(output).toContain('slow-call rate: 5 of 12 calls made, open');
  });

  it('opens, tries, opens again while the service is down, and closes when it is back', () => {
    const changes = lines.flatMap((line) => /(\S+ > \S+ \(.*\))/.exec(line)?.[1] ?? []);
    expect(changes[0]).toBe('closed > open (rule)');
    expect(changes).toContain('half-open > open (trial-failed)');
    expect(changes.at(-1)).toBe('half-open > closed (trial-succeeded)');
  });

  it('draws the states on a time line', () => {
    expect(output).toMatch(/^\s*-{10,}#{2,}[-#?]*-$/m);
  });

  it('keeps requests away from the dead service, and gives each caller an answer', () => {
    expect(output).toMatch(/✓ the dead service saw \d+ requests instead of 36/);
    expect(output).toContain('✓ every caller got an answer');
    expect(output).toContain('✓ it closed again by itself');
  });

  it('makes no claim that does not hold, in 80 columns and without escape codes', () => {
    expect(output).not.toContain('✗');
    expect(output).not.toContain('\u001b');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('ends on SIGINT at once, and leaves no process behind', async () => {
    const ended = await interrupt(['--import', 'tsx', 'src/main.ts'], { cwd });
    expect(ended).toMatchObject({ exitCode: 130, leftBehind: [] });
    expect(ended.tookMs).toBeLessThan(2_000);
    // Nor did what would have come next.
    expect(ended.output).not.toContain('it closed again by itself');
  });
});
