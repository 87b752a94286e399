import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { interrupt } from '@patterns-tools/test-kit';

const cwd = join(__dirname, '..');
const command = ['--import', 'tsx', 'src/main.ts'];

describe('examples/context-cancellation', () => {
  const output = execFileSync(process.execPath, command, {
    cwd,
    encoding: 'utf8',
    timeout: 120_000,
    killSignal: 'SIGKILL',
    env: { ...process.env, NO_COLOR: '1' },
  });
  const lines = output.split('\n');
  /** What one scene told, in one line. */
  const sceneOf = (title: string): string => {
    const begin = lines.indexOf(title);
    const end = lines.findIndex((line, index) => index > begin && /^\S/.test(line));
    return lines
      .slice(begin, end === -1 ? undefined : end)
      .join('\n')
      .replaceAll(/\n {6,}(?! *\d+ ms)/g, ' ')
      .replaceAll(/ +/g, ' ');
  };

  it('gives each hop less time than the one before', () => {
    const scene = sceneOf('One deadline for everybody');
    const leftMs = (path: string): number => Number(new RegExp(`${path} begins with (\\d+) ms left`).exec(scene)?.[1]);
    const hops = ['/orders/book', '/charge/book', '/release/book'].map(leftMs);
    expect(hops).toEqual([...hops].sort((a, b) => b - a));
    expect(hops[0]).toBeLessThanOrEqual(10_000);
    expect(hops[2]).toBeLessThanOrEqual(9_900);
    expect(scene).toContain('✓ the client has its book, and time left');
  });

  it('stops all three services when the deadline passes', () => {
    const scene = sceneOf('A payment that takes too long');
    expect(scene).toMatch(/payment \/charge\/yacht STOPPED, (504|499)/);
    expect(scene).toMatch(/inventory \/pack\/yacht STOPPED, (504|499)/);
    expect(scene).toContain('order /orders/yacht STOPPED, 504: TimeoutError');
    expect(scene).toContain('✓ the client got 504: Gateway Timeout');
  });

  it('stops work three services away when the client hangs up', () => {
    const scene = sceneOf('A client that hangs up');
    for (const work of ['order /orders', 'payment /charge', 'inventory /release']) {
      expect(scene).toContain(`${work}/piano STOPPED, 499: ClientGoneError`);
    }
  });

  it('tells 500 and 504 apart, and nothing of a bug', () => {
    const scene = sceneOf('499 and 504 are not 500');
    expect(scene).toContain('order /orders/gift STOPPED, 500: TypeError');
    expect(scene).toContain('order /orders/book STOPPED, 504: TimeoutError');
    expect(scene).not.toContain('/pack/book');
  });

  it('ends a service on SIGTERM in the middle of a request, and says so to the client', () => {
    const scene = sceneOf('SIGTERM in the middle');
    expect(scene).toContain('payment ends: ShutdownError: shutting down: received SIGTERM');
    expect(scene).toContain('payment /charge/yacht STOPPED, 503: ShutdownError');
    expect(scene).toContain('order /orders/yacht STOPPED, 503: ShutdownError');
    expect(scene).toContain('✓ the payment service ended by itself, with exit code 0');
  });

  it('makes no claim that does not hold, in 80 columns and without escape codes', () => {
    expect(lines.filter((line) => line.startsWith('  ✓'))).toHaveLength(15);
    expect(output).not.toContain('✗');
    expect(output).not.toContain('\u001b');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it.each([
    ['as soon as it says something', 'SIGINT', /./, 130],
    ['in the middle of a request', 'SIGINT', /charge\/yacht begins/, 130],
    ['in the middle of a request', 'SIGTERM', /charge\/yacht begins/, 143],
  ] as const)(
    'ends %s on %s at once, and leaves no process behind',
    async (_when, signal, when, exitCode) => {
      const ended = await interrupt(command, { cwd, signal, when });
      expect(ended).toMatchObject({ exitCode, leftBehind: [] });
      expect(ended.tookMs).toBeLessThan(2_000);
      // Nor did what would have come next.
      expect(ended.output).not.toContain('it was told at once');
    },
    30_000,
  );
});
