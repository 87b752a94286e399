import { getEventListeners } from 'node:events';
import { afterFunc, sleep, waitFor, withCancel, withTimeout } from '@patterns/context';
import { heapPerOperation } from '@patterns-tools/test-kit';

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
      { rounds: 1 },
    );
    expect(bytes).toBeLessThan(noiseBytes);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  it('of 100 000 waits that ended before it did', async () => {
    const bytes = await heapPerOperation(() => waitFor(Promise.resolve(), { signal: parent }), { rounds: 1 });
    expect(bytes).toBeLessThan(noiseBytes);
  });

  it('of 10 000 sleeps that were cut short', async () => {
    const bytes = await heapPerOperation(
      async () => {
        const context = withTimeout(controller.signal, 60_000);
        const slept = sleep(60_000, { signal: context });
        context.cancel();
        await slept.catch(() => undefined);
      },
      { rounds: 1, operations: 10_000 },
    );
    expect(bytes).toBeLessThan(noiseBytes);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });
});
