import { constant, retry } from '@patterns/retry';
import { failOnLeaks } from '@patterns-tools/test-kit';

// Also a timer.
failOnLeaks();

/** Faults of other libraries, reproduced there; on real timers, as there. */
describe('what went wrong elsewhere', () => {
  it('an abort during the wait ends the call at once, and nothing is called again (cockatiel 4: 806 ms, one call more)', async () => {
    const controller = new AbortController();
    const reason = new Error('closing');
    let calls = 0;
    const call = retry(
      () => {
        calls++;
        throw new Error('down');
      },
      {
        backoff: constant(60_000),
        signal: controller.signal,
        onRetry: () =>
          setImmediate(() => {
            controller.abort(reason);
          }),
      },
    );
    await expect(call).rejects.toBe(reason);
    await new Promise(setImmediate);
    expect(calls).toBe(1);
  });

  it('maxAttempts: 3 makes 3 calls (cockatiel 4: 4)', async () => {
    let calls = 0;
    const call = retry(
      () => {
        calls++;
        throw new Error('down');
      },
      { backoff: constant(0), maxAttempts: 3 },
    );
    await expect(call).rejects.toThrow('down');
    expect(calls).toBe(3);
  });
});
