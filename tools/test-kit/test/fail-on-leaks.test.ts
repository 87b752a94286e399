import { type JestRun, runJest } from './run-jest.ts';

describe('a test file that leaves things behind', () => {
  let leaky: JestRun;

  beforeAll(async () => {
    leaky = await runJest('leaky.test.ts');
  }, 30_000);

  it('fails', () => {
    expect(leaky.exitCode).toBe(1);
    expect(leaky.output).toMatch(/Tests:\s+8 failed, 8 total/);
  });

  it.each([
    ['timeout', 'setTimeout of 60000 ms', 'leaky.test.ts:11'],
    ['interval', 'setInterval of 60000 ms', 'leaky.test.ts:15'],
    ['abort listener', `listener for 'abort' on an AbortSignal`, 'leaky.test.ts:25'],
    ['process listener', `listener for 'SIGTERM' on process`, 'leaky.test.ts:29'],
    ['emitter listener', `listener for 'news' on bus`, 'leaky.test.ts:33'],
    ['promise', 'unsettled answer', 'leaky.test.ts:37'],
    ['server', 'open handle: TCPServerWrap', 'leaky.test.ts:42'],
  ])('names the %s, and the line that made it', (test, what, origin) => {
    const report = reportOf(leaky.output, test);
    expect(report).toContain(`1 left behind by the test '${test}'`);
    expect(report).toContain(what);
    expect(report).toContain(origin);
  });

  it('names timers that wait on a fake clock', () => {
    expect(reportOf(leaky.output, 'fake timer')).toContain('1 pending timer(s) of a fake clock');
  });
});

describe('a test file whose leak only its end can tell', () => {
  it('fails though its tests pass', async () => {
    const { exitCode, output } = await runJest('leaky-file.test.ts');
    expect(exitCode).toBe(1);
    expect(output).toMatch(/Tests:\s+1 passed, 1 total/);
    expect(output).toContain('2 left behind by this file');
    expect(output).toContain('setTimeout of 60000 ms');
    expect(output).toContain('open handle: TCPServerWrap');
  }, 30_000);
});

describe('a test file that cleans up', () => {
  it('passes, also where it cleans up in hooks that are defined after the check', async () => {
    const { exitCode, output } = await runJest('clean.test.ts');
    expect(output).toMatch(/Tests:\s+4 passed, 4 total/);
    expect(exitCode).toBe(0);
  }, 30_000);
});

/** The part of Jest's output that is about one test. */
function reportOf(output: string, test: string): string {
  const [, report = ''] = output.split(new RegExp(`● ${test}\\n`));
  return report.split('●', 1)[0] ?? '';
}
