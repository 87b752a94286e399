import { getEventListeners } from 'node:events';
import { afterFunc, sleep, waitFor, withCancel, withTimeout } from '@patterns/context';
import { collectGarbage, heapPerOperation } from '@patterns-tools/test-kit';

// A hundred thousand of each, on a machine that may be busy with other things.
jest.setTimeout(60_000);

/** What is left per operation below this is noise: the smallest thing left behind would be 50 bytes or more. */
const noiseBytes = 8;

describe('one long-lived parent keeps nothing', () => {
  const parent = withCancel();
  const controller = new AbortController();
  const longest = withTimeout(undefined, 1_000_000);
  afterAll(() => {
    longest.cancel();
  });

  it('of 100 000 listeners that were stopped', async () => {
    const bytes = await heapPerOperation(
      () => {
        afterFunc(controller.signal, () => undefined)();
      },
      { rounds: 2, operations: 50_000 },
    );
    expect(bytes).toBeLessThan(noiseBytes);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  it('of 100 000 waits that ended before it did', async () => {
    const bytes = await heapPerOperation(() => waitFor(Promise.resolve(), { signal: parent }), {
      rounds: 2,
      operations: 50_000,
    });
    expect(bytes).toBeLessThan(noiseBytes);
  });

  it('of 40 000 sleeps that were cut short', async () => {
    const bytes = await heapPerOperation(
      async () => {
        const context = withTimeout(controller.signal, 60_000);
        const slept = sleep(60_000, { signal: context });
        context.cancel();
        await slept.catch(() => undefined);
      },
      { rounds: 4, operations: 10_000 },
    );
    expect(bytes).toBeLessThan(noiseBytes);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });
});

describe('a promise that never settles keeps of a wait that was ended', () => {
  const never = new Promise<never>(() => undefined);

  it('its reaction, and no more', async () => {
    const options = { rounds: 3, operations: 20_000 };
    const ignore = (): void => undefined;
    // In Node.js 20 each AsyncLocalStorage in use, be it of another test file, adds to every promise, more than it has without them.
    const ofReaction = await heapPerOperation(() => void never.then(ignore, ignore), options);
    const ofWait = await heapPerOperation(async () => {
      const context = withCancel();
      const waited = waitFor(never, { signal: context });
      context.cancel('why');
      await waited.catch(() => undefined);
    }, options);
    // The functions that it calls, and what these find emptied.
    expect(ofWait - ofReaction).toBeLessThan(250);
  });

  it.each([false, true])('not its context, ended before it began: %p', async (endedBefore) => {
    const waitOnce = async (): Promise<WeakRef<object>> => {
      const context = withCancel(withCancel());
      if (endedBefore) context.cancel('why');
      const waited = waitFor(never, { signal: context });
      context.cancel('why');
      await expect(waited).rejects.toBe('why');
      return new WeakRef(context);
    };
    const contexts = [];
    for (let n = 0; n < 100; n++) contexts.push(await waitOnce());
    await collectGarbage();
    // The engine may remember the last one that it saw, not a hundred.
    expect(contexts.filter((context) => context.deref() !== undefined).length).toBeLessThan(5);
  });
});
