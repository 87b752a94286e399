import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { interrupt } from '@patterns-tools/test-kit';

const command = ['--import', 'tsx', 'test/fixtures/run-tour.ts'];
const cwd = join(__dirname, '..');
// Without what a parent says of colours.
const env = { PATH: process.env['PATH'] };

function runTour(timeoutMs: number, ...names: string[]): { status: number | null; output: string } {
  const { status, stdout } = spawnSync(process.execPath, [...command, String(timeoutMs), ...names], {
    cwd,
    env,
    encoding: 'utf8',
  });
  return { status, output: stdout };
}

describe('npm start', () => {
  it('passes on what the examples print, sums up, and ends with 0 if all of them kept their word', () => {
    const { status, output } = runTour(60_000, 'told');
    expect(output).toContain('[1/1] told\n  The fixture told.\n  ✓ one and one is two\n');
    expect(output).toMatch(/Summary\n {2}ok {5}told +1 checked +\d+\.\d s\n$/);
    expect(status).toBe(0);
  });

  it.each([
    ['broken', 'ended with exit code 1'],
    ['silent', 'printed nothing to check'],
    ['untrue', 'a claim did not hold'],
  ])('ends with 1 and names the example that is %s, after the others have run', (name, problem) => {
    const { status, output } = runTour(60_000, name, 'told');
    expect(output).toMatch(new RegExp(`FAILED ${name} .*${problem}`));
    expect(output).toMatch(/ok {5}told /);
    expect(status).toBe(1);
  });

  it('ends an example that takes too long, with everything it started', () => {
    const { status, output } = runTour(1_500, 'slow');
    expect(output).toMatch(/FAILED slow .*took longer than 1\.5 s/);
    expect(status).toBe(1);
  });

  it('prints plain text of at most 80 columns into a pipe', () => {
    const { output } = runTour(60_000, 'told', 'silent');
    expect(output).not.toContain('\u001b');
    expect(Math.max(...output.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends within two seconds of %s with code %i and leaves no child', async (signal, code) => {
    const args = [...command, '60000', 'slow', 'told'];
    const { exitCode, output, tookMs, leftBehind } = await interrupt(args, { cwd, signal, when: /✓ waiting/ });
    expect(exitCode).toBe(code);
    expect(tookMs).toBeLessThan(2_000);
    expect(leftBehind).toEqual([]);
    expect(output).not.toContain('told');
  });
});
