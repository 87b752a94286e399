import { CircuitBreaker, consecutiveFailures, type BreakerSnapshot, type BreakerStateChange } from '@patterns/breaker';
import { begin, fail, succeed } from './calls.ts';
import { ManualClock } from './manual-clock.ts';

const clock = new ManualClock();
let changes: BreakerStateChange[];
beforeEach(() => {
  clock.ms = 0;
  changes = [];
});

const make = (initial?: BreakerSnapshot): CircuitBreaker =>
  new CircuitBreaker({
    clock,
    trip: consecutiveFailures(2),
    openMs: 1_000,
    initial,
    onStateChange: (event) => changes.push(event),
  });
const path = (): string[] => changes.map(({ from, to, reason }) => `${from} > ${to} (${reason})`);

describe('open', () => {
  it('opens for openMs, as if tripped', () => {
    const breaker = make();
    breaker.open();
    expect(breaker.stats()).toMatchObject({ state: 'open', retryAfterMs: 1_000, consecutiveOpens: 1 });
    clock.ms += 400;
    breaker.open();
    expect(breaker.retryAfterMs).toBe(600);
    clock.ms += 600;
    breaker.open();
    expect(breaker.stats()).toMatchObject({ state: 'open', retryAfterMs: 1_000, consecutiveOpens: 2 });
    expect(path()).toEqual(['closed > open (manual)', 'open > half-open (elapsed)', 'half-open > open (manual)']);
  });
});

describe('close', () => {
  it('closes with an empty window, and begins to count opens again', async () => {
    const breaker = make();
    breaker.open();
    breaker.close();
    expect(breaker.stats()).toMatchObject({ state: 'closed', calls: 0, consecutiveOpens: 0 });
    await fail(breaker);
    breaker.close();
    expect(breaker.stats().calls).toBe(1);
    expect(path()).toEqual(['closed > open (manual)', 'open > closed (manual)']);
  });
});

describe('isolate', () => {
  it('refuses everything until each of the handles has been disposed', async () => {
    const breaker = make();
    const [one, other] = [breaker.isolate(), breaker.isolate()];
    clock.ms += 1e9;
    await expect(breaker.execute(() => 1)).rejects.toMatchObject({ state: 'isolated', retryAfterMs: Infinity });
    one[Symbol.dispose]();
    one[Symbol.dispose]();
    expect([breaker.state, breaker.retryAfterMs]).toEqual(['isolated', Infinity]);
    other[Symbol.dispose]();
    expect(breaker.state).toBe('closed');
    expect(path()).toEqual(['closed > isolated (manual)', 'isolated > closed (manual)']);
  });

  it('ends with whichever handle is disposed last', () => {
    const breaker = make();
    const [one, other] = [breaker.isolate(), breaker.isolate()];
    other[Symbol.dispose]();
    expect(breaker.state).toBe('isolated');
    one[Symbol.dispose]();
    expect(breaker.state).toBe('closed');
  });

  it('lies over the other states, which open, close, disable and enable do not show through', () => {
    const breaker = make();
    breaker.open();
    const handle = breaker.isolate();
    for (const command of ['open', 'close', 'disable', 'enable', 'disable'] as const) {
      breaker[command]();
      expect(breaker.state).toBe('isolated');
    }
    handle[Symbol.dispose]();
    expect(breaker.state).toBe('disabled');
    expect(path()).toEqual(['closed > open (manual)', 'open > isolated (manual)', 'isolated > disabled (manual)']);
  });

  it('ends as disabled if it began so, and as closed if it was enabled meanwhile', () => {
    const breaker = make();
    breaker.disable();
    const first = breaker.isolate();
    first[Symbol.dispose]();
    expect(breaker.state).toBe('disabled');
    const second = breaker.isolate();
    breaker.enable();
    second[Symbol.dispose]();
    expect(breaker.state).toBe('closed');
  });

  it('has handles that become void with reset', () => {
    const breaker = make();
    const old = breaker.isolate();
    breaker.reset();
    expect(breaker.state).toBe('closed');
    const current = breaker.isolate();
    old[Symbol.dispose]();
    expect(breaker.state).toBe('isolated');
    current[Symbol.dispose]();
    expect(breaker.state).toBe('closed');
  });

  it('does not hear of calls that were under way', async () => {
    const breaker = make();
    const call = begin(breaker);
    using handle = breaker.isolate();
    await call.fail();
    expect(handle).toBeDefined();
    expect(breaker.stats()).toMatchObject({ state: 'isolated', calls: 0 });
  });
});

describe('disable', () => {
  it('lets everything through and goes on counting', async () => {
    const breaker = make();
    breaker.open();
    breaker.disable();
    breaker.disable();
    await fail(breaker, 5);
    await succeed(breaker);
    expect(breaker.tryAcquire()).toBeDefined();
    expect(breaker.stats()).toMatchObject({ state: 'disabled', calls: 6, failures: 5, rejected: 0, retryAfterMs: 0 });
    breaker.open();
    breaker.close();
    expect(breaker.state).toBe('disabled');
    breaker.enable();
    breaker.enable();
    expect(breaker.stats()).toMatchObject({ state: 'closed', calls: 0, consecutiveOpens: 0 });
  });
});

describe('reset', () => {
  it('makes it as new, without its initial state', async () => {
    const breaker = make({ version: 1, state: 'open', retryAfterMs: 5_000, consecutiveOpens: 3 });
    await fail(breaker);
    breaker.tryAcquire();
    breaker.reset();
    breaker.tryAcquire()?.ignore();
    await fail(breaker);
    breaker.reset();
    expect(breaker.stats()).toEqual({ ...new CircuitBreaker().stats() });
    expect(path()).toEqual(['open > closed (manual)']);
    breaker.open();
    await expect(breaker.execute(() => 1)).rejects.toMatchObject({ cause: undefined });
  });
});

describe('a snapshot', () => {
  const copy = (breaker: CircuitBreaker): CircuitBreaker =>
    make(JSON.parse(JSON.stringify(breaker.snapshot())) as BreakerSnapshot);

  it('of a closed breaker is closed, without its window', async () => {
    const breaker = make();
    await fail(breaker);
    expect(breaker.snapshot()).toEqual({ version: 1, state: 'closed', retryAfterMs: 0, consecutiveOpens: 0 });
    await fail(copy(breaker));
    expect(copy(breaker).state).toBe('closed');
  });

  it('of an open one is open for what is left; the time in between does not count', async () => {
    const breaker = make();
    breaker.open();
    clock.ms += 300;
    expect(breaker.snapshot()).toEqual({ version: 1, state: 'open', retryAfterMs: 700, consecutiveOpens: 1 });
    const text = JSON.stringify(breaker.snapshot());
    clock.ms += 1e6;
    changes = [];
    const restored = make(JSON.parse(text) as BreakerSnapshot);
    expect(restored.stats()).toMatchObject({ state: 'open', retryAfterMs: 700, consecutiveOpens: 1 });
    expect(changes).toEqual([]);
    clock.ms += 700;
    await fail(restored);
    expect(restored.stats()).toMatchObject({ state: 'open', consecutiveOpens: 2 });
  });

  it('of a half-open one is open with nothing left to wait', async () => {
    const breaker = make();
    breaker.open();
    clock.ms += 1_000;
    breaker.tryAcquire();
    expect(breaker.snapshot()).toEqual({ version: 1, state: 'half-open', retryAfterMs: 0, consecutiveOpens: 1 });
    const restored = copy(breaker);
    changes = [];
    await succeed(restored);
    expect(path()).toEqual(['open > half-open (elapsed)', 'half-open > closed (trial-succeeded)']);
  });

  it('of a half-open one has no wait, whatever number somebody wrote into it', () => {
    expect(make({ version: 1, state: 'half-open', retryAfterMs: 500, consecutiveOpens: 1 }).state).toBe('half-open');
  });

  it('of an isolated one is what lies under it, for which time goes on', () => {
    const breaker = make();
    breaker.open();
    using handle = breaker.isolate();
    expect(handle).toBeDefined();
    clock.ms += 400;
    expect(breaker.snapshot()).toMatchObject({ state: 'open', retryAfterMs: 600 });
    clock.ms += 600;
    expect(breaker.snapshot()).toMatchObject({ state: 'half-open', retryAfterMs: 0 });
    breaker.disable();
    expect(copy(breaker).state).toBe('disabled');
  });

  it('of an isolated one that lay open is not changed by enable', () => {
    const breaker = make();
    breaker.open();
    using handle = breaker.isolate();
    expect(handle).toBeDefined();
    breaker.enable();
    expect(breaker.snapshot()).toMatchObject({ state: 'open', retryAfterMs: 1_000 });
  });

  it('of an isolated one whose time has passed long ago asks for no wait', () => {
    const breaker = make();
    breaker.open();
    using handle = breaker.isolate();
    expect(handle).toBeDefined();
    clock.ms += 5_000;
    expect(breaker.snapshot()).toMatchObject({ state: 'half-open', retryAfterMs: 0 });
  });

  it('of one that is open for ever survives JSON, which has no Infinity', () => {
    const breaker = new CircuitBreaker({ clock, openMs: Infinity });
    breaker.open();
    expect(copy(breaker)).toMatchObject({ state: 'open', retryAfterMs: Infinity });
  });

  it('brings back how often in a row it had opened, for which openMs is asked', async () => {
    const initial = { version: 1, state: 'half-open', retryAfterMs: 0, consecutiveOpens: 3 } as const;
    const breaker = new CircuitBreaker({ clock, initial, openMs: (consecutiveOpens) => consecutiveOpens * 100 });
    await fail(breaker);
    expect(breaker.retryAfterMs).toBe(400);
  });

  it.each<[string, unknown, typeof TypeError | typeof RangeError, string]>([
    ['of another version', { version: 2, state: 'open', retryAfterMs: 0, consecutiveOpens: 1 }, RangeError, 'version'],
    ['of an unknown state', { version: 1, state: 'ajar', retryAfterMs: 0, consecutiveOpens: 1 }, RangeError, 'state'],
    [
      'of an isolated state',
      { version: 1, state: 'isolated', retryAfterMs: 0, consecutiveOpens: 1 },
      RangeError,
      'state',
    ],
    [
      'with a negative time',
      { version: 1, state: 'open', retryAfterMs: -1, consecutiveOpens: 1 },
      RangeError,
      'retryAfterMs',
    ],
    [
      'with half an open',
      { version: 1, state: 'open', retryAfterMs: 1, consecutiveOpens: 0.5 },
      RangeError,
      'consecutiveOpens',
    ],
    ['without a time', { version: 1, state: 'open', consecutiveOpens: 1 }, TypeError, 'retryAfterMs'],
    ['that is text', '{}', TypeError, 'initial must be a snapshot'],
    ['without counts', { version: 1, state: 'open', retryAfterMs: 1 }, TypeError, 'consecutiveOpens'],
  ])('%s is refused', (_, initial, type, message) => {
    expect(() => make(initial as BreakerSnapshot)).toThrow(type);
    expect(() => make(initial as BreakerSnapshot)).toThrow(message);
  });
});

it('keeps its options whatever becomes of the object they came in', async () => {
  const halfOpen = { maxCalls: 2, successRate: 1, maxDurationMs: 5_000 };
  const options = { clock, trip: consecutiveFailures(1), openMs: 1_000, halfOpen };
  const breaker = new CircuitBreaker(options);
  Object.assign(options, { clock: undefined, trip: undefined, openMs: -1, isFailure: () => false });
  halfOpen.maxCalls = 1;
  await fail(breaker);
  expect([breaker.state, breaker.retryAfterMs]).toEqual(['open', 1_000]);
  clock.ms += 1_000;
  await succeed(breaker);
  expect(breaker.state).toBe('half-open');
});

describe('an option out of range', () => {
  it.each<[object, typeof TypeError | typeof RangeError, string]>([
    [{ openMs: -1 }, RangeError, 'openMs must be at least 0, got -1'],
    [{ openMs: NaN }, RangeError, 'openMs'],
    [{ openMs: '5s' }, TypeError, 'openMs must be a number or a function, got "5s"'],
    [{ slowCallMs: -1 }, RangeError, 'slowCallMs'],
    [{ halfOpen: { maxCalls: 0 } }, RangeError, 'halfOpen.maxCalls'],
    [{ halfOpen: { maxCalls: Infinity } }, RangeError, 'halfOpen.maxCalls'],
    [{ halfOpen: { successRate: 1.1 } }, RangeError, 'halfOpen.successRate'],
    [{ halfOpen: { maxDurationMs: 0 } }, RangeError, 'halfOpen.maxDurationMs'],
    [{ halfOpen: 3 }, TypeError, 'halfOpen'],
    [{ trip: 5 }, TypeError, 'trip must be a trip rule'],
    [{ durations: 1 }, TypeError, 'durations'],
    [{ isFailure: true }, TypeError, 'isFailure'],
    [{ onStateChange: {} }, TypeError, 'onStateChange'],
    [{ clock: {} }, TypeError, 'clock'],
    [{ random: 0.5 }, TypeError, 'random'],
    [{ name: 5 }, TypeError, 'name'],
  ])('%j', (options, type, message) => {
    expect(() => new CircuitBreaker(options)).toThrow(type);
    expect(() => new CircuitBreaker(options)).toThrow(message);
  });
});
