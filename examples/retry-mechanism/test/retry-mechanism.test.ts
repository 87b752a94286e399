import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

describe('examples/retry-mechanism', () => {
  const output = execFileSync(process.execPath, ['--import', 'tsx', 'src/main.ts'], {
    cwd: join(__dirname, '..'),
    encoding: 'utf8',
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

  it('makes no claim that does not hold, in 80 columns and without escape codes', () => {
    expect(output).not.toContain('✗');
    expect(output).not.toContain('\u001b');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});
