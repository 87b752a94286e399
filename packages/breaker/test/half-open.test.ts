import {
  BreakerOpenError,
  CircuitBreaker,
  consecutiveFailures,
  type BreakerStateChange,
  type HalfOpenOptions,
} from '@patterns/breaker';
import { begin, down, fail, succeed } from './calls.ts';
import { ManualClock } from './manual-clock.ts';

const clock = new ManualClock();
let reasons: string[];
beforeEach(() => {
  clock.ms = 0;
  reasons = [];
});

function halfOpen(options?: HalfOpenOptions): CircuitBreaker {
  const breaker = new CircuitBreaker({
    clock,
    trip: consecutiveFailures(1),
    openMs: 1_000,
    halfOpen: options,
    onStateChange: ({ reason }: BreakerStateChange) => reasons.push(reason),
  });
  breaker.open();
  clock.ms += 1_000;
  expect(breaker.state).toBe('half-open');
  reasons = [];
  return breaker;
}

describe('half-open', () => {
  it('lets one call try, and refuses the others instead of having them wait', async () => {
    const breaker = halfOpen();
    const trial = begin(breaker);
    await expect(breaker.execute(() => 1)).rejects.toMatchObject({ code: 'ERR_BREAKER_OPEN', state: 'half-open' });
    await trial.succeed();
    expect(breaker.state).toBe('closed');
    expect(reasons).toEqual(['trial-succeeded']);
  });

  it('refuses for the rest of the trial at most, and for a second at most', async () => {
    const breaker = halfOpen({ maxDurationMs: 1_500 });
    expect(breaker.retryAfterMs).toBe(0);
    const trial = begin(breaker);
    expect(breaker.retryAfterMs).toBe(1_000);
    clock.ms += 1_100;
    expect(breaker.retryAfterMs).toBe(400);
    await expect(breaker.execute(() => 1)).rejects.toMatchObject({ retryAfterMs: 400 });
    await trial.succeed();
  });

  it('opens again at the first failure, for all of its time', async () => {
    const breaker = halfOpen({ maxCalls: 3 });
    const [one, two] = [begin(breaker), begin(breaker)];
    await one.succeed();
    expect(breaker.state).toBe('half-open');
    await two.fail();
    expect([breaker.state, breaker.retryAfterMs]).toEqual(['open', 1_000]);
    expect(reasons).toEqual(['trial-failed']);
  });

  it('gives a place to maxCalls calls in all, not at a time', async () => {
    const breaker = halfOpen({ maxCalls: 2 });
    const first = begin(breaker);
    await first.succeed();
    const second = begin(breaker);
    await expect(breaker.execute(() => 1)).rejects.toThrow(BreakerOpenError);
    await second.succeed();
    expect(breaker.state).toBe('closed');
  });

  it.each([
    // maxCalls, successRate, outcomes up to the one that decides
    [1, 1, 's', 'closed'],
    [3, 1, 'sss', 'closed'],
    [4, 0.5, 'fss', 'closed'],
    [4, 0.5, 'sffsf'.slice(0, 4), 'closed'],
    [4, 0.5, 'fff', 'open'],
    [10, 0.7, 'sssssss', 'closed'],
    [10, 0.7, 'ffff', 'open'],
    [10, 0.01, 's', 'closed'],
    [10, 0.01, 'ffffffffff', 'open'],
    [3, 1 / 3, 'ffs', 'closed'],
    [3, 2 / 3, 'ff', 'open'],
  ])(
    'with %i trials of which %d must succeed, %s leads to %s, and not before',
    async (maxCalls, successRate, outcomes, state) => {
      const breaker = halfOpen({ maxCalls, successRate });
      for (const outcome of outcomes) {
        expect(breaker.state).toBe('half-open');
        await (outcome === 's' ? succeed(breaker) : fail(breaker));
      }
      expect(breaker.state).toBe(state);
    },
  );

  it('gives the place of an ignored trial to another call', async () => {
    const breaker = halfOpen();
    const controller = new AbortController();
    const canceled = begin(breaker, controller.signal);
    controller.abort();
    await canceled.fail();
    expect(breaker.stats()).toMatchObject({ state: 'half-open', ignored: 1, calls: 0 });
    await succeed(breaker);
    expect(breaker.state).toBe('closed');
  });

  it('counts a trial that takes maxDurationMs as failed, so that it cannot stick', async () => {
    const breaker = halfOpen({ maxDurationMs: 5_000 });
    const stuck = begin(breaker);
    clock.ms += 4_999;
    expect(breaker.state).toBe('half-open');
    clock.ms += 1;
    expect([breaker.state, breaker.retryAfterMs]).toEqual(['open', 1_000]);
    expect(reasons).toEqual(['trial-expired']);
    clock.ms += 1_000;
    const next = begin(breaker);
    await stuck.succeed();
    expect(breaker.state).toBe('half-open');
    await next.succeed();
    expect(breaker.state).toBe('closed');
  });

  it('notices a late trial when that ends itself, and does not listen to it', async () => {
    const breaker = halfOpen({ maxDurationMs: 5_000 });
    const trial = begin(breaker);
    clock.ms += 5_000;
    await trial.succeed();
    expect(breaker.state).toBe('open');
    expect(reasons).toEqual(['trial-expired']);
  });

  it('goes on with the other trials when one has expired and the outcome is not certain', async () => {
    const breaker = halfOpen({ maxCalls: 3, successRate: 0.6, maxDurationMs: 5_000 });
    const stuck = begin(breaker);
    clock.ms += 4_000;
    const [two, three] = [begin(breaker), begin(breaker)];
    clock.ms += 2_000;
    expect(breaker.stats()).toMatchObject({ state: 'half-open', calls: 1, failures: 1 });
    await stuck.succeed();
    await two.succeed();
    expect(breaker.state).toBe('half-open');
    await three.succeed();
    expect(breaker.state).toBe('closed');
  });

  it('expires several trials at once', () => {
    const breaker = halfOpen({ maxCalls: 3, successRate: 0.5, maxDurationMs: 5_000 });
    const permits = [breaker.tryAcquire(), breaker.tryAcquire()];
    clock.ms += 5_000;
    expect(breaker.state).toBe('open');
    expect(permits).not.toContain(undefined);
    expect(reasons).toEqual(['trial-expired']);
  });

  it('waits for ever for a trial with maxDurationMs Infinity', () => {
    const breaker = halfOpen({ maxDurationMs: Infinity });
    breaker.tryAcquire();
    clock.ms += 1e9;
    expect([breaker.state, breaker.retryAfterMs]).toEqual(['half-open', 1_000]);
  });

  it('does not ask the trip rule whether to open', async () => {
    const breaker = halfOpen({ maxCalls: 4, successRate: 0.5 });
    await fail(breaker);
    expect(breaker.stats()).toMatchObject({ state: 'half-open', failures: 1 });
  });
});

describe('a permit', () => {
  it('counts the first word, and no later one', async () => {
    const breaker = halfOpen({ maxCalls: 2 });
    const permit = breaker.tryAcquire();
    permit?.success('fine');
    permit?.failure(down);
    permit?.ignore();
    permit?.[Symbol.dispose]();
    expect(breaker.stats()).toMatchObject({ state: 'half-open', successes: 1, failures: 0, ignored: 0 });
    await succeed(breaker);
    expect(breaker.state).toBe('closed');
  });

  it('that is disposed without a word gives its place back, also when the block threw', () => {
    const breaker = halfOpen();
    const block = (): void => {
      using permit = breaker.tryAcquire();
      expect(permit).toBeDefined();
      throw down;
    };
    expect(block).toThrow(down);
    expect(breaker.stats()).toMatchObject({ state: 'half-open', ignored: 1, calls: 0 });
    breaker.tryAcquire()?.failure(down);
    expect(breaker.state).toBe('open');
  });

  it('gives its place back once, however often it is told to', () => {
    const breaker = halfOpen({ maxCalls: 2 });
    const first = breaker.tryAcquire();
    breaker.tryAcquire();
    first?.ignore();
    first?.ignore();
    expect(breaker.tryAcquire()).toBeDefined();
    expect(breaker.tryAcquire()).toBeUndefined();
    expect(breaker.stats().ignored).toBe(1);
  });

  it('of an earlier period changes nothing', async () => {
    const breaker = halfOpen();
    const old = breaker.tryAcquire();
    breaker.close();
    old?.failure(down);
    const alsoOld = breaker.tryAcquire();
    await fail(breaker);
    clock.ms += 1_000;
    const trial = breaker.tryAcquire();
    alsoOld?.success();
    alsoOld?.ignore();
    expect(breaker.state).toBe('half-open');
    trial?.success();
    expect(breaker.state).toBe('closed');
  });

  it('that nobody returns does not wedge the breaker', () => {
    const breaker = halfOpen({ maxDurationMs: 1_000 });
    expect(breaker.tryAcquire()).toBeDefined();
    expect(breaker.tryAcquire()).toBeUndefined();
    clock.ms += 1_000;
    expect(breaker.state).toBe('open');
    clock.ms += 1_000;
    expect(breaker.tryAcquire()).toBeDefined();
  });
});

describe('executeSync', () => {
  it('is a call like any other', () => {
    const breaker = halfOpen();
    expect(() =>
      breaker.executeSync(() => {
        throw down;
      }),
    ).toThrow(down);
    expect(() => breaker.executeSync(() => 1)).toThrow(BreakerOpenError);
    clock.ms += 1_000;
    expect(breaker.executeSync(() => 1)).toBe(1);
    expect(breaker.state).toBe('closed');
  });

  it('refuses to guess how a promise will end, and gives the place back', () => {
    const breaker = halfOpen();
    expect(() => breaker.executeSync(() => Promise.reject(down) as never)).toThrow('use execute');
    expect(breaker.stats()).toMatchObject({ state: 'half-open', ignored: 1 });
    expect(() => breaker.executeSync(undefined as never)).toThrow(TypeError);
  });

  it('refuses a promise whatever `then` of its own that has', () => {
    const then = (): never => {
      throw new Error('its own');
    };
    const breaker = new CircuitBreaker();
    const promise = Object.assign(Promise.resolve(1), { then });
    expect(() => breaker.executeSync(() => promise as never)).toThrow('use execute');
    expect(breaker.stats()).toMatchObject({ calls: 0, ignored: 1 });
  });

  it('counts a value that cannot be asked for its `then`, as `execute` gives one', () => {
    const breaker = halfOpen();
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(breaker.executeSync(() => proxy)).toBe(proxy);
    expect(breaker.state).toBe('closed');
  });
});
