import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { interrupt } from '@patterns-tools/test-kit';

const cwd = join(__dirname, '..');

describe('examples/retry-mechanism', () => {
  const output = execFileSync(process.execPath, ['--import', 'tsx', 'src/main.ts'], {
    cwd,
    encoding: 'utf8',
    timeout: 120_000,
    killSignal: 'SIGKILL',
    env: { ...process.env, NO_COLOR: '1' },
  });
  const lines = output.split('\n');

  it('gets through with the fourth attempt', () => {
    expect(lines.filter((line) => /^ *\d+ ms {2}attempt \d$/.test(line)).map((line) => line.at(-1))).toEqual([
      '1',
      '2',
      '3',
      '4',
    ]);
    expect(output).toContain('order 7 is shipped');
    expect(output).toContain('✓ the server saw 4 requests');
  });

  it('waits as long as the server asks', () => {
    expect(output).toContain('failed: the server answered 503; trying again in 1000 ms');
  });

  it('stops at once when it is cancelled in a backoff', () => {
    expect(output).toContain("✓ it ended with the caller's own reason, untouched");
    expect(output).toContain('✓ it stopped at once');
    expect(output).toContain('✓ the server saw 1 request\n');
  });

  it('draws the delays of three backoffs to scale', () => {
    const waits = (name: string): number[] => {
      const begin = lines.indexOf(`  ${name}`) + 1;
      return lines.slice(begin, begin + 5).map((line) => Number(/^ *(\d+) ms {2}█+$/.exec(line)?.[1]));
    };
    expect(waits('constant')).toEqual([400, 400, 400, 400, 400]);
    expect(waits('exponential')).toEqual([100, 200, 400, 800, 1600]);
    for (const [n, delayMs] of waits('with full jitter').entries()) expect(delayMs).toBeLessThanOrEqual(100 * 2 ** n);
  });

  it('makes three times the load in a storm, and a quarter more at most with a budget', () => {
    expect(output).toContain('✓ without a budget 900 requests reached the server');
    const within = Number(/✓ with a budget it was (\d+)/.exec(output)?.[1]);
    expect(within).toBeGreaterThan(300);
    expect(within).toBeLessThanOrEqual(375);
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
    expect(ended.output).not.toContain('with a budget it was');
  });
});
