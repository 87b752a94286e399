import {
  anyOf,
  CircuitBreaker,
  consecutiveFailures,
  type BreakerDiagnostics,
  type BreakerOptions,
  type BreakerStateChange,
  type TripRule,
} from '@patterns/breaker';
import { recordDiagnostics } from '@patterns-tools/test-kit';
import { begin, down, fail, succeed } from './calls.ts';
import { ManualClock } from './manual-clock.ts';

const clock = new ManualClock();
const bug = new Error('a bug of the user');
const throwBug = (): never => {
  throw bug;
};

beforeEach(() => {
  clock.ms = 0;
});

function make(options: BreakerOptions): CircuitBreaker {
  return new CircuitBreaker({ name: 'db', clock, trip: consecutiveFailures(1), openMs: 1_000, ...options });
}

function ruleThat(window: Partial<ReturnType<TripRule['start']>>): TripRule {
  return { name: 'custom', start: () => ({ record: (failed) => failed, counts: () => undefined, ...window }) };
}

describe('a callback that throws', () => {
  const errors = recordDiagnostics<BreakerDiagnostics>(['patterns:breaker:listener-error']);
  beforeEach(() => {
    errors.clear();
  });
  afterAll(() => {
    errors.stop();
  });
  const told = (): string[] => errors.records.map(({ message }) => ('listener' in message ? message.listener : ''));

  it('in onStateChange changes nothing', async () => {
    const breaker = make({ onStateChange: throwBug });
    await expect(breaker.execute(() => Promise.reject(down))).rejects.toBe(down);
    expect(breaker.state).toBe('open');
    expect(errors.records[0]?.message).toEqual({ name: 'db', listener: 'onStateChange', error: bug });
  });

  it('in isFailure counts as failure, and the caller gets the outcome itself', async () => {
    const breaker = make({ isFailure: throwBug });
    await expect(breaker.execute(() => 'value')).resolves.toBe('value');
    expect(breaker.state).toBe('open');
    expect(told()).toEqual(['isFailure']);
  });

  it('or gives a promise from isFailure counts as failure', async () => {
    const breaker = make({ isFailure: (() => Promise.reject(bug)) as never });
    await expect(breaker.execute(() => 'value')).resolves.toBe('value');
    expect(breaker.state).toBe('open');
    expect(errors.records[0]?.message).toMatchObject({
      error: { message: expect.stringContaining('promise') as string },
    });
  });

  it.each<[string, BreakerOptions, Error]>([
    ['throws', { openMs: throwBug }, bug],
    [
      'gives a negative number',
      { openMs: () => -1 },
      new RangeError('the result of openMs must be at least 0, got -1'),
    ],
    ['gives NaN', { openMs: () => NaN }, new RangeError('the result of openMs must be at least 0, got NaN')],
    [
      'gives no number',
      { openMs: (() => '5s') as never },
      new TypeError('the result of openMs must be a number, at least 0, got "5s"'),
    ],
    [
      'gives a promise',
      { openMs: (() => Promise.reject(bug)) as never },
      new TypeError('openMs must not return a promise: its answer is needed at once'),
    ],
  ])('in openMs: when it %s, the default applies', async (_, options, error) => {
    const breaker = make({ ...options, random: () => 0.5 });
    await fail(breaker);
    expect(breaker.retryAfterMs).toBe(5_000);
    expect(errors.records.map(({ message }) => message)).toEqual([{ name: 'db', listener: 'openMs', error }]);
  });

  it.each<[() => number, Error]>([
    [throwBug, bug],
    [() => 1, new RangeError('the result of random must be at least 0 and below 1, got 1')],
    [() => -0.1, new RangeError('the result of random must be at least 0 and below 1, got -0.1')],
    [() => NaN, new RangeError('the result of random must be at least 0 and below 1, got NaN')],
    [
      (() => Promise.reject(bug)) as never,
      new TypeError('random must not return a promise: its answer is needed at once'),
    ],
  ])('in random, or gives what is no share: no jitter', async (random, error) => {
    const breaker = make({ openMs: undefined, random });
    await fail(breaker);
    expect(breaker.retryAfterMs).toBe(5_000);
    expect(errors.records.map(({ message }) => message)).toEqual([{ name: 'db', listener: 'random', error }]);
  });

  it('in a rule opens nothing, and the calls end as they do', async () => {
    const breaker = make({ trip: ruleThat({ record: throwBug, counts: throwBug }) });
    await expect(breaker.execute(() => Promise.reject(down))).rejects.toBe(down);
    expect(breaker.stats()).toMatchObject({ state: 'closed', calls: 1, failures: 1 });
    expect(told()).toEqual(['trip', 'trip']);
  });

  it.each([
    ['', (rule: TripRule) => rule],
    [' among others', (rule: TripRule) => anyOf(rule, consecutiveFailures(9))],
  ])('or gives a promise in a rule%s opens nothing', async (_, put) => {
    const record = jest.fn<Promise<boolean>, unknown[]>(() => Promise.reject(bug));
    const breaker = make({ trip: put(ruleThat({ record: record as never })) });
    await succeed(breaker);
    await fail(breaker);
    expect(breaker.stats()).toMatchObject({ state: 'closed', calls: 2 });
    expect(record).toHaveBeenCalledTimes(2);
    const told = { name: 'db', listener: 'trip', error: expect.any(TypeError) as TypeError };
    expect(errors.records.map(({ message }) => message)).toEqual([told, told]);
  });

  it('in the start of a rule is an error of the constructor, and later replaced by the default rule', async () => {
    expect(() => make({ trip: { name: 'broken', start: throwBug } })).toThrow(bug);
    let starts = 0;
    const trip: TripRule = {
      name: 'broken later',
      start: (nowMs) => (starts++ === 0 ? consecutiveFailures(1).start(nowMs) : throwBug()),
    };
    const breaker = make({ trip });
    await fail(breaker);
    breaker.close();
    await fail(breaker, 4);
    expect(breaker.state).toBe('closed');
    await fail(breaker);
    expect(breaker.state).toBe('open');
    expect(told()).toEqual(['trip', 'trip', 'trip']);
  });

  it('or rejects is told too', async () => {
    // eslint-disable-next-line @typescript-eslint/no-misused-promises -- what users write all the same
    const breaker = make({ onStateChange: () => Promise.reject(bug) });
    breaker.open();
    await Promise.resolve();
    await Promise.resolve();
    expect(told()).toEqual(['onStateChange']);
  });
});

describe('where nobody hears of it, and nobody can be warned', () => {
  it('a listener that throws hears of the next change all the same', async () => {
    const told: string[] = [];
    const breaker = make({
      onStateChange: ({ to }) => {
        told.push(to);
        throw bug;
      },
    });
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(throwBug);
    await fail(breaker);
    warn.mockRestore();
    breaker.close();
    expect(told).toEqual(['open', 'closed']);
  });
});

describe('a callback that uses the breaker', () => {
  it('finds the change complete', async () => {
    const seen: unknown[] = [];
    const breaker: CircuitBreaker = make({
      onStateChange: ({ to }) => {
        seen.push([to, breaker.state, breaker.retryAfterMs, breaker.stats().calls, breaker.snapshot().state]);
      },
    });
    await fail(breaker);
    clock.ms += 1_000;
    await succeed(breaker);
    expect(seen).toEqual([
      ['open', 'open', 1_000, 0, 'open'],
      ['half-open', 'half-open', 0, 0, 'half-open'],
      ['closed', 'closed', 0, 0, 'closed'],
    ]);
  });

  it('in onStateChange makes changes that everybody is told of in their order', async () => {
    const changes = recordDiagnostics<BreakerDiagnostics>(['patterns:breaker:state-change']);
    const seen: string[] = [];
    const breaker: CircuitBreaker = make({
      onStateChange: ({ from, to }) => {
        seen.push(`${from} > ${to}`);
        if (to === 'open') breaker.close();
        expect(breaker.state).toBe('closed');
      },
    });
    await fail(breaker);
    changes.stop();
    expect(seen).toEqual(['closed > open', 'open > closed']);
    expect(changes.records.map(({ message }) => (message as BreakerStateChange).to)).toEqual(['open', 'closed']);
    expect(breaker.state).toBe('closed');
  });

  it('in onStateChange may take the trial before the call that caused the change', async () => {
    let permit: unknown;
    const breaker: CircuitBreaker = make({
      onStateChange: ({ to }) => {
        if (to === 'half-open') permit = breaker.tryAcquire();
      },
    });
    await fail(breaker);
    clock.ms += 1_000;
    await expect(breaker.execute(() => 1)).rejects.toMatchObject({ state: 'half-open' });
    expect(permit).toBeDefined();
  });

  it.each<[string, (breaker: CircuitBreaker) => unknown]>([
    ['reads it', (breaker) => [breaker.state, breaker.stats(), breaker.snapshot()]],
    [
      'opens it',
      (breaker) => {
        breaker.open();
      },
    ],
    [
      'closes it',
      (breaker) => {
        breaker.close();
      },
    ],
    [
      'resets it',
      (breaker) => {
        breaker.reset();
      },
    ],
    ['isolates it', (breaker) => breaker.isolate()],
    [
      'disables it',
      (breaker) => {
        breaker.disable();
      },
    ],
    [
      'makes a call that fails',
      (breaker) => {
        breaker.tryAcquire()?.failure(down);
      },
    ],
    [
      'makes a call that succeeds',
      (breaker) => {
        breaker.tryAcquire()?.success();
      },
    ],
  ])('wherever it is called, and %s, leaves it consistent', async (_, use) => {
    for (const where of ['isFailure', 'openMs', 'record', 'counts', 'start', 'onStateChange'] as const) {
      let depth = 0;
      const states: string[] = [];
      const reenter = (called: string): void => {
        if (called !== where || depth > 0 || states.length > 0) return;
        depth++;
        use(breaker);
        depth--;
      };
      let isMade = false;
      const breaker: CircuitBreaker = make({
        trip: {
          name: 'custom',
          start: () => {
            if (isMade) reenter('start');
            return {
              record: (failed) => {
                reenter('record');
                return failed;
              },
              counts: () => {
                reenter('counts');
                return undefined;
              },
            };
          },
        },
        openMs: () => {
          reenter('openMs');
          return 1_000;
        },
        isFailure: ({ ok }) => {
          reenter('isFailure');
          return !ok;
        },
        onStateChange: () => {
          reenter('onStateChange');
        },
      });
      isMade = true;
      await fail(breaker);
      clock.ms += 1_000;
      await fail(breaker);
      clock.ms += 1_000;
      await succeed(breaker).catch(() => undefined);
      states.push(breaker.state);
      // Whatever has happened, it works from here on as any other does.
      breaker.reset();
      expect(breaker.stats()).toMatchObject({ state: 'closed', calls: 0, rejected: 0, consecutiveOpens: 0 });
      await fail(breaker);
      expect([breaker.state, breaker.retryAfterMs]).toEqual(['open', 1_000]);
      clock.ms += 1_000;
      await succeed(breaker);
      expect(breaker.state).toBe('closed');
    }
  });

  it.each<[string, (breaker: CircuitBreaker) => void, string]>([
    [
      'disables it',
      (breaker) => {
        breaker.disable();
      },
      'disabled',
    ],
    [
      'closes it, as it is already,',
      (breaker) => {
        breaker.close();
      },
      'open',
    ],
    [
      'opens it, which it does already,',
      (breaker) => {
        breaker.open();
      },
      'open',
    ],
  ])('in openMs: whoever %s has the last word, and is asked once', async (_, use, state) => {
    let asked = 0;
    const changes: string[] = [];
    const breaker: CircuitBreaker = make({
      openMs: () => {
        asked++;
        use(breaker);
        return 1_000;
      },
      onStateChange: ({ from, to }) => changes.push(`${from} > ${to}`),
    });
    await fail(breaker);
    expect([breaker.state, asked, changes]).toEqual([state, 1, [`closed > ${state}`]]);
  });

  it('in the start or the counts of a rule reads the present state: one change is one change', async () => {
    const changes: string[] = [];
    const seen = new Set<string>();
    let isMade = false;
    const look = (): void => {
      if (isMade) seen.add(breaker.state);
    };
    const breaker: CircuitBreaker = make({
      trip: {
        name: 'curious',
        start: () => {
          look();
          return {
            record: (failed) => failed,
            counts: () => {
              look();
              return undefined;
            },
          };
        },
      },
      onStateChange: ({ from, to }) => changes.push(`${from} > ${to}`),
    });
    isMade = true;
    await fail(breaker);
    clock.ms += 1_000;
    await succeed(breaker);
    expect(changes).toEqual(['closed > open', 'open > half-open', 'half-open > closed']);
    expect([...seen]).toEqual(['closed', 'open', 'half-open']);
  });

  it.each<[string, (breaker: CircuitBreaker) => void]>([
    [
      'is closed',
      (breaker) => {
        breaker.open();
        breaker.close();
      },
    ],
    [
      'is enabled',
      (breaker) => {
        breaker.disable();
        breaker.enable();
      },
    ],
    [
      'is disabled',
      (breaker) => {
        breaker.disable();
      },
    ],
    [
      'is isolated',
      (breaker) => {
        breaker.isolate();
      },
    ],
    [
      'is isolated no longer',
      (breaker) => {
        breaker.isolate()[Symbol.dispose]();
      },
    ],
  ])('in the start of a rule isolates it while it %s: isolated it is, until its handle is disposed', (_, change) => {
    const handles: Disposable[] = [];
    let starts = -Infinity;
    const breaker: CircuitBreaker = make({
      trip: {
        name: 'isolating',
        start: () => {
          if (starts++ === 0) handles.push(breaker.isolate());
          return { record: (failed) => failed, counts: () => undefined };
        },
      },
    });
    // At whichever of its starts.
    for (const skipped of [0, 1, 2]) {
      handles.length = 0;
      starts = -skipped;
      change(breaker);
      if (handles.length > 0) expect([breaker.state, breaker.tryAcquire()]).toEqual(['isolated', undefined]);
      breaker.reset();
      expect(breaker.state).toBe('closed');
    }
  });

  it.each<['start' | 'counts', string, (breaker: CircuitBreaker) => unknown, CircuitBreaker['state']]>([
    ['counts', 'isolates it', (breaker) => breaker.isolate(), 'isolated'],
    ['start', 'isolates it', (breaker) => breaker.isolate(), 'isolated'],
    [
      'counts',
      'disables it',
      (breaker) => {
        breaker.disable();
      },
      'disabled',
    ],
    [
      'start',
      'disables it',
      (breaker) => {
        breaker.disable();
      },
      'disabled',
    ],
    [
      'start',
      'enables it',
      (breaker) => {
        breaker.enable();
      },
      'closed',
    ],
  ])('in the %s of a rule, when it is isolated no longer, %s: that is what holds', (member, what, command, state) => {
    let isAsked = false;
    const once = (of: string): void => {
      if (!isAsked || of !== member) return;
      isAsked = false;
      command(breaker);
    };
    const changes: string[] = [];
    const breaker: CircuitBreaker = make({
      trip: {
        name: 'commanding',
        start: () => {
          once('start');
          return {
            record: () => false,
            counts: () => {
              once('counts');
              return undefined;
            },
          };
        },
      },
      onStateChange: ({ to }) => changes.push(to),
    });
    if (what === 'enables it') breaker.disable();
    const handle = breaker.isolate();
    changes.length = 0;
    isAsked = true;
    handle[Symbol.dispose]();
    expect([isAsked, breaker.state, changes]).toEqual([false, state, state === 'isolated' ? [] : [state]]);
  });

  it('in a rule: what it decides about a period that it has ended itself is not heard', async () => {
    let asked = 0;
    const breaker: CircuitBreaker = make({
      trip: ruleThat({
        record: () => {
          breaker.disable();
          return true;
        },
      }),
      openMs: () => ++asked,
    });
    await fail(breaker);
    expect([breaker.state, asked]).toEqual(['disabled', 0]);
    breaker.enable();
    breaker.open();
    clock.ms += 1_000;
    await succeed(breaker);
    expect(breaker.state).toBe('disabled');
  });

  it('in isFailure: the call counts only if the period is still the same', async () => {
    const breaker: CircuitBreaker = make({
      isFailure: ({ ok }) => {
        breaker.reset();
        return !ok;
      },
    });
    await fail(breaker);
    expect(breaker.stats()).toMatchObject({ state: 'closed', calls: 0 });
  });
});

describe('an operation that uses the breaker', () => {
  it('belongs to the period that admitted it', async () => {
    const breaker = make({});
    await breaker.execute(() => {
      breaker.open();
    });
    expect(breaker.stats()).toMatchObject({ state: 'open', calls: 0 });
  });

  it('may call through it again', async () => {
    const breaker = make({});
    await expect(breaker.execute(() => breaker.execute(() => 1))).resolves.toBe(1);
    expect(breaker.stats().calls).toBe(2);
  });
});

describe('a clock that steps back', () => {
  it('neither makes the breaker half-open early nor has it wait longer than openMs from then', async () => {
    clock.ms = 10_000;
    const breaker = make({ slowCallMs: 100, durations: true });
    const call = begin(breaker);
    clock.ms = 500;
    await call.fail();
    expect([breaker.state, breaker.retryAfterMs]).toEqual(['open', 1_000]);
    clock.ms = 0;
    expect([breaker.state, breaker.retryAfterMs]).toEqual(['open', 1_000]);
    clock.ms = 1_499;
    expect(breaker.state).toBe('open');
    clock.ms = 1_500;
    expect(breaker.state).toBe('half-open');
    const trial = begin(breaker);
    clock.ms = 0;
    expect(breaker.retryAfterMs).toBe(1_000);
    await trial.succeed();
    expect(breaker.stats()).toMatchObject({ state: 'closed', slow: 0 });
  });
});
