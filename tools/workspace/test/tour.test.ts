import { spawn, spawnSync, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

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
    expect(output).toMatch(/Summary\n {2}ok {5}told +1 checked +\d\.\d s\n$/);
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
    const marker = `PATTERNS_TOUR_${process.pid}_${signal}`;
    const options: SpawnOptions = { cwd, env: { ...env, [marker]: '1' }, stdio: ['ignore', 'pipe', 'inherit'] };
    const running = spawn(process.execPath, [...command, '60000', 'slow', 'told'], options);
    let output = '';
    for await (const chunk of running.stdout ?? []) {
      output += String(chunk);
      if (output.includes('✓ waiting')) break;
    }
    running.stdout?.resume();

    const interruptedAt = performance.now();
    running.kill(signal);
    const [exitCode] = (await once(running, 'exit')) as [number | null];
    expect(exitCode).toBe(code);
    expect(performance.now() - interruptedAt).toBeLessThan(2_000);
    expect(processesWith(marker)).toEqual([]);
    expect(output).not.toContain('told');
  });
});

/** Command lines of the processes that have inherited the environment variable. */
function processesWith(variable: string): string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => read(pid, 'environ').includes(variable))
    .map((pid) => read(pid, 'cmdline'));
}

function read(pid: string, file: string): string {
  try {
    return readFileSync(join('/proc', pid, file), 'utf8');
  } catch {
    return ''; // gone in the meantime, or somebody else's
  }
}
