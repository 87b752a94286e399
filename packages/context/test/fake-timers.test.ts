import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { sleep, systemClock, withCancel, withDeadline, withTimeout } from '@patterns/context';
import { installTimersOnlyFake } from '@patterns-tools/test-kit';

const runFile = promisify(execFile);
const root = join(__dirname, '..');
// Taken before anybody fakes it.
const realSetImmediate = setImmediate;
const turn = (): Promise<void> =>
  new Promise((resolve) => {
    realSetImmediate(resolve);
  });

describe('fake timers of Jest', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('move deadlines and sleeps', async () => {
    const context = withTimeout(undefined, 5_000);
    const slept = sleep(1_000);
    await jest.advanceTimersByTimeAsync(999);
    expect(context.remaining()).toBe(4_001);
    await jest.advanceTimersByTimeAsync(1);
    await slept;
    await jest.advanceTimersByTimeAsync(3_999);
    expect(context.done).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect(context.done).toBe(true);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('count one timer for ten thousand deadlines, and none after the last was cancelled', () => {
    const contexts = Array.from({ length: 10_000 }, (_, index) =>
      withTimeout(undefined, 1_000 + ((index * 7_919) % 10_000)),
    );
    expect(jest.getTimerCount()).toBeLessThanOrEqual(1);
    for (const context of contexts) context.cancel();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('fire the next deadline as the next timer', () => {
    const contexts = [3_000, 1_000, 2_000].map((ms) => withTimeout(undefined, ms));
    jest.advanceTimersToNextTimer();
    expect(contexts.map(({ done }) => done)).toEqual([false, true, false]);
    jest.runAllTimers();
    expect(contexts.map(({ done }) => done)).toEqual([true, true, true]);
  });

  it('have a sleep of 0 wait for a turn', async () => {
    const slept = sleep(0);
    await jest.advanceTimersByTimeAsync(0);
    await slept;
  });

  it('chain what lasts longer than a platform timer', async () => {
    const context = withTimeout(undefined, 30 * 24 * 3_600_000);
    await jest.advanceTimersByTimeAsync(30 * 24 * 3_600_000 - 1);
    expect(context.done).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect(context.done).toBe(true);
  });
});

describe('fake timers that come and go', () => {
  it('do not swallow deadlines made after they have gone with a timer still armed', async () => {
    jest.useFakeTimers();
    const abandoned = withTimeout(undefined, 10);
    jest.useRealTimers();
    const started = systemClock.now();
    const context = withTimeout(undefined, 20);
    const reason: unknown = await sleep(60_000, { signal: context }).catch((error: unknown) => error);
    expect(reason).toBe(context.cause);
    expect(systemClock.now() - started).toBeGreaterThanOrEqual(20);
    expect(abandoned.done).toBe(false);
    abandoned.cancel();
  });

  it('do not stop deadlines made before they came', async () => {
    const context = withTimeout(undefined, 20);
    const ended = new Promise((resolve) => {
      context.signal.addEventListener('abort', resolve);
    });
    jest.useFakeTimers();
    const fake = withTimeout(undefined, 5);
    await ended;
    expect(context.done).toBe(true);
    expect(fake.done).toBe(false);
    jest.advanceTimersByTime(5);
    expect(fake.done).toBe(true);
    jest.useRealTimers();
  });

  it('leave no timer of theirs to deadlines cancelled after they have gone', () => {
    jest.useFakeTimers();
    const context = withTimeout(undefined, 10);
    jest.useRealTimers();
    context.cancel();
    const other = withTimeout(undefined, 60_000);
    jest.useFakeTimers();
    other.cancel();
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });
});

it.each([
  ['at once', 0],
  ['after some time', 30_000],
])('fake timers that are emptied %s lose no deadline made after that', (_when, ms) => {
  jest.useFakeTimers();
  withTimeout(undefined, 60_000);
  jest.advanceTimersByTime(ms);
  jest.clearAllTimers();
  const next = withTimeout(undefined, 70_000);
  jest.advanceTimersByTime(69_999);
  const before = next.done;
  jest.advanceTimersByTime(1);
  jest.useRealTimers();
  expect([before, next.done]).toEqual([false, true]);
});

describe('timers faked apart from the clock', () => {
  it('are believed, by sleeps and by deadlines, each by what it had left', async () => {
    using timers = installTimersOnlyFake();
    // It goes on, but by no more than the timers can round away, however slow the machine is.
    let nowMs = 1_000;
    const now = jest.spyOn(performance, 'now').mockImplementation(() => (nowMs += 0.01));
    const first = withTimeout(undefined, 5_000);
    const second = withTimeout(undefined, 8_000);
    let awake = false;
    void sleep(6_000).then(() => (awake = true));
    timers.advance(5_000);
    expect([first.done, second.done]).toEqual([true, false]);
    const third = withTimeout(undefined, 1_000);
    expect(third.done).toBe(false);
    timers.advance(999);
    expect(third.done).toBe(false);
    timers.advance(2);
    await turn();
    expect([third.done, second.done, awake]).toEqual([true, false, true]);
    timers.advance(2_000);
    now.mockRestore();
    expect(second.done).toBe(true);
    expect(timers.pending).toBe(0);
  });

  it('fire deadlines after whole milliseconds, which is all that the timers know', () => {
    using timers = installTimersOnlyFake();
    const now = jest.spyOn(performance, 'now').mockReturnValue(1_000);
    // What passed between two calls: a fraction of a millisecond.
    const contexts = [1_050, 1_100.3, 1_200.1].map((deadline) => withDeadline(undefined, deadline));
    const doneAfter: number[] = [];
    for (let ms = 1; ms <= 210; ms++) {
      timers.advance(1);
      if (contexts[doneAfter.length]?.done === true) doneAfter.push(ms);
    }
    now.mockRestore();
    expect(doneAfter).toEqual([50, 100, 200]);
  });

  it('leave nothing behind when deadlines are cancelled', () => {
    using timers = installTimersOnlyFake();
    const context = withCancel();
    for (let index = 0; index < 100; index++) withTimeout(context, 1_000 + index);
    // What is armed inside a tick would count from its end under `node:test`: none may depend on another one's timer.
    expect(timers.pending).toBe(100);
    context.cancel();
    expect(timers.pending).toBe(0);
  });
});

/** The environment of a child process, without what this test runner puts there for itself. */
const env = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(JEST|NODE_OPTIONS|NODE_ENV|VITEST|FORCE_COLOR)/.test(name)),
  ),
  NO_COLOR: '1',
};

/** So that none outlives its test, and keeps Jest from ending. */
const limit = { timeout: 25_000, killSignal: 'SIGKILL' } as const;

it('works with the fake timers of vitest', async () => {
  const vitest = join(dirname(createRequire(__filename).resolve('vitest/package.json')), 'vitest.mjs');
  const { stdout } = await runFile(process.execPath, [vitest, 'run', '--root', join(root, 'test/fixtures/vitest')], {
    cwd: root,
    env,
    ...limit,
  });
  expect(stdout).toMatch(/Tests +3 passed \(3\)/);
}, 30_000);

it('works with the fake timers of node:test', async () => {
  const { stdout } = await runFile(
    process.execPath,
    [
      '--import',
      'tsx',
      '--conditions=@patterns/source',
      '--test',
      '--test-reporter=tap',
      join(root, 'test/fixtures/node-test/deadlines.fixture.ts'),
    ],
    { cwd: root, env, ...limit },
  );
  expect(stdout).toMatch(/# pass 5\n# fail 0/);
}, 30_000);
