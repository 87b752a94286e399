import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { interrupt } from '@patterns-tools/test-kit';

const cwd = join(__dirname, '..');

describe('examples/rate-limiting', () => {
  const output = execFileSync(process.execPath, ['--import', 'tsx', 'src/main.ts'], {
    cwd,
    encoding: 'utf8',
    timeout: 120_000,
    killSignal: 'SIGKILL',
    env: { ...process.env, NO_COLOR: '1' },
  });
  const lines = output.split('\n');
  const drawn = (name: string): string =>
    lines.find((line) => line.startsWith(`  ${name.padEnd(14)}`))?.slice(16) ?? '';

  it('draws what passes each of three limits', () => {
    expect(drawn('asked')).toMatch(/^·{18}8·8·{11}(1·){10}·*$/);
    expect(drawn('token bucket')).toBe('··················5·············1·1·1·1·1·1···1···1·········');
    expect(drawn('leaky bucket')).toBe('··················1···1···1···1···1···1···1···1···1···1···1·');
    expect(drawn('fixed window')).toBe('··················5·5···················1·1·1·1·1···········');
  });

  it('lets each user through as the plan says, exactly', () => {
    expect(lines).toContain('  ann    free     500     100      400');
    expect(lines).toContain('  bob    free      60      60        0');
    expect(lines).toContain('  eve    paid     500     500        0');
    expect(output).toContain('✓ Retry-After sends ann away for the rest of the hour');
  });

  it('keeps who is limited in a flood of names, within its bound', () => {
    expect(lines).toContain('  2000 requests: 1960 passed, 40 refused; 200 users remembered');
  });

  it('makes no claim that does not hold, in 80 columns and without escape codes', () => {
    expect(output).toMatch(/✓/);
    expect(output).not.toContain('✗');
    expect(output).not.toContain('\u001b');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('ends on SIGINT at once, also under load, and leaves no process behind', async () => {
    const ended = await interrupt(['--import', 'tsx', 'src/main.ts'], { cwd, when: /sent {2}passed/ });
    expect(ended).toMatchObject({ exitCode: 130, leftBehind: [] });
    expect(ended.tookMs).toBeLessThan(2_000);
    // Nor did what would have come next.
    expect(ended.output).not.toContain('memory stayed within its bound');
  });
});
