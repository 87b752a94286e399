import { CircuitBreaker, consecutiveFailures, failureRate, lastMs } from '@patterns/breaker';
import { PatternError } from '@patterns/errors';
import { begin, fail, failWith, succeed } from './calls.ts';
import { ManualClock } from './manual-clock.ts';

/** Faults that other breakers for Node.js have, each reproduced with the version named. */
describe('what goes wrong elsewhere', () => {
  const clock = new ManualClock();
  beforeEach(() => {
    clock.ms = 0;
  });

  it('cockatiel 4.0.0, SamplingBreaker: failures of an hour ago do not count after an idle hour', async () => {
    const breaker = new CircuitBreaker({
      clock,
      trip: failureRate({ threshold: 0.5, window: lastMs(10_000), minimumCalls: 2 }),
    });
    await succeed(breaker, 100);
    await fail(breaker, 80);
    clock.ms += 3_600_000;
    expect(breaker.stats()).toMatchObject({ calls: 0, failures: 0 });
    await succeed(breaker, 2);
    await fail(breaker);
    expect(breaker.stats()).toMatchObject({ state: 'closed', calls: 3, failures: 1 });
  });

  it('cockatiel 4.0.0, opossum 10.0.0: calls begun before an open and close cycle are not counted after it', async () => {
    const breaker = new CircuitBreaker({ clock, trip: consecutiveFailures(3), openMs: 1_000 });
    const early = [begin(breaker), begin(breaker), begin(breaker)];
    await fail(breaker, 3);
    clock.ms += 1_000;
    await succeed(breaker);
    expect(breaker.state).toBe('closed');
    for (const call of early) await call.fail();
    expect(breaker.stats()).toMatchObject({ state: 'closed', calls: 0, consecutiveFailures: 0 });
  });

  it('cockatiel 4.0.0: a trial that never settles makes nobody wait, and does not hold half-open for ever', async () => {
    const breaker = new CircuitBreaker({ clock, trip: consecutiveFailures(1), openMs: 1_000 });
    await fail(breaker);
    clock.ms += 1_000;
    const stuck = begin(breaker);
    await expect(breaker.execute(() => 1)).rejects.toMatchObject({ state: 'half-open' });
    await expect(breaker.execute(() => 1, { signal: AbortSignal.abort('gone') })).rejects.toBe('gone');
    clock.ms += 30_000;
    expect(breaker.state).toBe('open');
    clock.ms += 1_000;
    await succeed(breaker);
    expect(breaker.state).toBe('closed');
    await stuck.fail();
    expect(breaker.state).toBe('closed');
  });

  it('opossum 10.0.0: an operation may return undefined, without a promise', async () => {
    const breaker = new CircuitBreaker();
    await expect(breaker.execute(() => undefined)).resolves.toBeUndefined();
    await expect(breaker.execute(() => null)).resolves.toBeNull();
    expect(breaker.stats().successes).toBe(2);
  });

  it('opossum 10.0.0: the place of a trial is free when its call settles, not when its caller has lost patience', async () => {
    const breaker = new CircuitBreaker({ clock, trip: consecutiveFailures(1), openMs: 1_000 });
    await fail(breaker);
    clock.ms += 1_000;
    const controller = new AbortController();
    const trial = begin(breaker, controller.signal);
    controller.abort();
    await expect(breaker.execute(() => 1)).rejects.toMatchObject({ state: 'half-open' });
    await trial.fail();
    await succeed(breaker);
    expect(breaker.state).toBe('closed');
  });

  it('opossum 10.0.0: being over capacity on this side is no failure of the target', async () => {
    const breaker = new CircuitBreaker({ clock, trip: consecutiveFailures(1) });
    class PoolFullError extends PatternError {
      override readonly code = 'ERR_POOL_FULL';
    }
    await failWith(breaker, new PoolFullError());
    expect(breaker.stats()).toMatchObject({ state: 'closed', ignored: 1, calls: 0 });
  });

  it('opossum 10.0.0: an ignored error does not close a half-open breaker', async () => {
    const breaker = new CircuitBreaker({
      clock,
      trip: consecutiveFailures(1),
      openMs: 1_000,
      isFailure: ({ ok, error }) => (error === 'ignored' ? 'ignore' : !ok),
    });
    await fail(breaker);
    clock.ms += 1_000;
    await failWith(breaker, 'ignored');
    expect(breaker.stats()).toMatchObject({ state: 'half-open', ignored: 1 });
    expect(breaker.tryAcquire()).toBeDefined();
  });

  it('gobreaker: an outcome said twice counts once', () => {
    const breaker = new CircuitBreaker({ clock, trip: consecutiveFailures(2) });
    const permit = breaker.tryAcquire();
    permit?.failure(1);
    permit?.failure(2);
    expect(breaker.stats()).toMatchObject({ state: 'closed', failures: 1 });
  });
});
