import { VirtualClock } from '@patterns/context/testing';
import { startFaultServer, fault } from '@patterns-tools/test-kit';
import { constant, exponential, RetryBudget, RetryPolicy, TokenBudget, type RetryOptions } from '@patterns/retry';
import { runUntilSettled } from './run-until-settled.ts';

/** Requests that reach a target that is down, for each call of one of a thousand clients. */
async function requestsPerCall(options: (clock: VirtualClock) => RetryOptions): Promise<number> {
  const clients = 1_000;
  const callsEach = 3;
  const clock = new VirtualClock();
  const policy = new RetryPolicy({ clock, backoff: exponential({ jitter: 'none' }), ...options(clock) });
  let requests = 0;
  const client = async (): Promise<void> => {
    for (let call = 0; call < callsEach; call++) {
      await policy
        .execute(() => {
          requests++;
          throw new Error('down');
        })
        .catch(() => undefined);
    }
  };
  await runUntilSettled(clock, Promise.all(Array.from({ length: clients }, client)));
  return requests / (clients * callsEach);
}

describe('a thousand clients and a target that is down', () => {
  it('multiply the load by maxAttempts without a budget', async () => {
    expect(await requestsPerCall(() => ({}))).toBe(3);
  });

  it('send 1.2 requests a call with a RetryBudget', async () => {
    const perCall = await requestsPerCall((clock) => ({ budget: new RetryBudget({ clock, minPerSecond: 1 }) }));
    expect(perCall).toBeGreaterThan(1.1);
    expect(perCall).toBeLessThanOrEqual(1.25);
  });

  it('send hardly more than one with a TokenBudget', async () => {
    expect(await requestsPerCall(() => ({ budget: new TokenBudget() }))).toBeLessThan(1.01);
  });

  it('do so over HTTP as well', async () => {
    await using server = await startFaultServer();
    const url = server.url('/', fault.status(503));
    const request = async (): Promise<void> => {
      const response = await fetch(url);
      await response.arrayBuffer();
      if (!response.ok) throw Object.assign(new Error('unavailable'), { status: response.status });
    };
    const perCall = async (options: RetryOptions): Promise<number> => {
      const before = server.requests('/').length;
      const policy = new RetryPolicy({ backoff: constant(0), ...options });
      let calls = 0;
      const client = async (): Promise<void> => {
        while (calls++ < 60) await policy.execute(request).catch(() => undefined);
      };
      await Promise.all(Array.from({ length: 10 }, client));
      return (server.requests('/').length - before) / 60;
    };
    expect(await perCall({})).toBe(3);
    const budget = new RetryBudget({ minPerSecond: 0 });
    expect(await perCall({ budget })).toBeLessThanOrEqual(1.25);
  }, 20_000);
});
