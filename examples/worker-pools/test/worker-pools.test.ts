import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { interrupt } from '@patterns-tools/test-kit';

const cwd = join(__dirname, '..');
const command = ['--import', 'tsx', 'src/main.ts'];

describe('examples/worker-pools', () => {
  const output = execFileSync(process.execPath, command, {
    cwd,
    encoding: 'utf8',
    timeout: 120_000,
    killSignal: 'SIGKILL',
    env: { ...process.env, NO_COLOR: '1' },
  });
  const lines = output.split('\n');
  const figures = (claim: RegExp): number[] => (claim.exec(output) ?? [NaN, NaN]).slice(1).map(Number);

  it('fetches 300 pages, at most 12 at the same time, and says how far it is', () => {
    expect(lines.filter((line) => line.endsWith(' of 300')).map((line) => line.trim())).toEqual([
      `${'█'.repeat(10)}${'░'.repeat(30)}  75 of 300`,
      `${'█'.repeat(20)}${'░'.repeat(20)} 150 of 300`,
      `${'█'.repeat(30)}${'░'.repeat(10)} 225 of 300`,
      `${'█'.repeat(40)} 300 of 300`,
    ]);
    expect(output).toContain('✓ the server saw 300 requests, one for each page');
    const [most] = figures(/✓ it never worked on more than 12 at the same time: at most on (\d+)/);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(12);
  });

  it('gives the small tenant its turns, and lets the urgent order overtake', () => {
    const orderOf = (name: string): string | undefined =>
      lines
        .find((line) => line.startsWith(`  ${name} `))
        ?.split(' ')
        .at(-1);
    expect(orderOf('as they came')).toMatch(/^\.{50}#{6}$/);
    expect(orderOf('in turns')).toMatch(/^\.{5}(#\.){6}\.{39}$/);
    expect(orderOf('with priority')).toMatch(/^\.{4}!(\.#){6}\.{40}$/);
  });

  it('reads no further ahead of a slow consumer than the pool holds, and closes the feed when he leaves', () => {
    expect(figures(/✓ the feed was never more than (\d+) ahead of the consumer/)).toEqual([5]);
    expect(output).toContain('✓ when he left, the feed was closed, and nothing runs on behind his back');
    const [asked] = figures(/✓ the server was asked for (\d+) pages/);
    expect(asked).toBeGreaterThanOrEqual(40);
    expect(asked).toBeLessThanOrEqual(45);
  });

  it('loses no job on SIGTERM: what was accepted is completed or handed back, and another worker does the rest', () => {
    const [accepted = 0, completed = 0, handedBack = 0] = figures(
      /✓ nothing is lost: (\d+) accepted = (\d+) completed \+ (\d+) handed back/,
    );
    expect(accepted).toBe(22);
    expect(completed + handedBack).toBe(accepted);
    // Eight that waited, and the one that hung.
    expect(handedBack).toBeGreaterThanOrEqual(9);
    expect(output).toContain('SIGTERM; 4 jobs run and 8 wait');
    expect(output).toContain('✓ it ended by itself, with exit code 0');
    expect(output).toContain('✓ the worker counts as the queue does');
    const rest = 40 - completed;
    expect(output).toContain(`another worker: ended: ${rest} accepted, ${rest} completed, 0 handed back`);
    expect(output).toContain('✓ all 40 jobs are done, each of them once');
  });

  it('makes no claim that does not hold, in 80 columns and without escape codes', () => {
    expect(lines.filter((line) => line.startsWith('  ✓'))).toHaveLength(20);
    expect(output).not.toContain('✗');
    expect(output).not.toContain('\u001b');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it.each([
    ['as soon as it says something', 'SIGINT', /./, 130],
    ['in the middle of the pages', 'SIGINT', /150 of 300/, 130],
    ['while a worker has its hands full', 'SIGINT', /on their way: SIGTERM/, 130],
    ['while a worker has its hands full', 'SIGTERM', /on their way: SIGTERM/, 143],
  ] as const)(
    '%s, it ends on %s, and leaves no process behind',
    async (_when, signal, when, exitCode) => {
      const ended = await interrupt(command, { cwd, signal, when });
      expect(ended).toMatchObject({ exitCode, leftBehind: [] });
      // At once: what would have come next did not.
      expect(ended.output).not.toContain('all 40 jobs are done');
    },
    60_000,
  );
});
