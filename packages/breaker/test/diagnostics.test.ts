import { CircuitBreaker, consecutiveFailures, type BreakerDiagnostics } from '@patterns/breaker';
import { recordDiagnostics } from '@patterns-tools/test-kit';
import { Channel } from 'node:diagnostics_channel';
import { begin, down, fail, failWith, succeed } from './calls.ts';
import { ManualClock } from './manual-clock.ts';

const clock = new ManualClock();
const channels: readonly (keyof BreakerDiagnostics)[] = [
  'patterns:breaker:state-change',
  'patterns:breaker:call',
  'patterns:breaker:rejected',
  'patterns:breaker:listener-error',
];

/** What is published while `run` runs, without the name of the package. */
async function published(run: () => unknown): Promise<unknown[]> {
  using recorder = recordDiagnostics<BreakerDiagnostics>(channels);
  await run();
  return recorder.records.map(({ name, message }) => [name.replace('patterns:breaker:', ''), message]);
}

function make(): CircuitBreaker {
  return new CircuitBreaker({ name: 'db', clock, trip: consecutiveFailures(2), openMs: 1_000, slowCallMs: 100 });
}

const call = (outcome: string, rest: object = {}): unknown => [
  'call',
  { name: 'db', outcome, durationMs: 0, slow: false, error: undefined, ...rest },
];
const change = (rest: object): unknown => ['state-change', expect.objectContaining({ name: 'db', ...rest })];

describe('diagnostics', () => {
  it('cost no message where nobody listens, and no second look at the clock', async () => {
    const publish = jest.spyOn(Channel.prototype, 'publish');
    const now = jest.spyOn(clock, 'now');
    const heard = jest.fn();
    const options = { clock, trip: consecutiveFailures(2), openMs: 1_000, onStateChange: heard };
    const breaker = new CircuitBreaker(options);
    now.mockClear();
    await succeed(breaker, 10);
    await fail(breaker);
    expect(now).toHaveBeenCalledTimes(11);
    await fail(breaker, 2);
    expect(breaker.tryAcquire()).toBeUndefined();
    clock.ms += 1_000;
    await succeed(breaker);
    expect(breaker.stats()).toMatchObject({ state: 'closed', rejected: 2 });
    expect(heard).toHaveBeenCalledTimes(3);
    expect(publish).not.toHaveBeenCalled();
    publish.mockRestore();
    now.mockRestore();
  });

  it('tell of a success and how long it took', async () => {
    const breaker = make();
    const messages = await published(() =>
      breaker.execute(() => {
        clock.ms += 150;
      }),
    );
    expect(messages).toEqual([call('success', { durationMs: 150, slow: true })]);
  });

  it('tell of a failure, and of the change that it caused', async () => {
    const breaker = make();
    await fail(breaker);
    expect(await published(() => fail(breaker))).toEqual([
      change({ from: 'closed', to: 'open', reason: 'rule', error: down, retryAfterMs: 1_000, atMs: clock.ms }),
      call('failure', { error: down }),
    ]);
  });

  it('tell of an answer that counts as success, with its error', async () => {
    const notFound = Object.assign(new Error('not found'), { status: 404 });
    expect(await published(() => failWith(make(), notFound))).toEqual([call('success', { error: notFound })]);
  });

  it('tell of a call that is ignored', async () => {
    const controller = new AbortController();
    const breaker = make();
    const messages = await published(async () => {
      const pending = begin(breaker, controller.signal);
      controller.abort();
      await pending.fail();
      breaker.tryAcquire()?.ignore();
    });
    expect(messages).toEqual([call('ignored', { error: down }), call('ignored')]);
  });

  it('tell of each refusal, by execute, executeSync and tryAcquire', async () => {
    const breaker = make();
    breaker.open();
    const rejected = (state: string, retryAfterMs: number): unknown => [
      'rejected',
      { name: 'db', state, retryAfterMs },
    ];
    const messages = await published(async () => {
      await fail(breaker);
      expect(() => breaker.executeSync(() => 1)).toThrow();
      breaker.tryAcquire();
    });
    expect(messages).toEqual(Array(3).fill(rejected('open', 1_000)));
    clock.ms += 1_000;
    breaker.tryAcquire();
    expect(await published(() => fail(breaker))).toEqual([rejected('half-open', 1_000)]);
    using handle = breaker.isolate();
    expect(handle).toBeDefined();
    expect(await published(() => fail(breaker))).toEqual([rejected('isolated', Infinity)]);
  });

  it('tell of the way through half-open', async () => {
    const breaker = make();
    breaker.open();
    clock.ms += 1_000;
    expect(await published(() => succeed(breaker))).toEqual([
      change({ from: 'open', to: 'half-open', reason: 'elapsed' }),
      change({ from: 'half-open', to: 'closed', reason: 'trial-succeeded' }),
      call('success'),
    ]);
  });

  it.each<[string, (breaker: CircuitBreaker) => unknown, string[]]>([
    [
      'open',
      (breaker) => {
        breaker.open();
      },
      ['open'],
    ],
    [
      'close',
      (breaker) => {
        breaker.open();
        breaker.close();
      },
      ['open', 'closed'],
    ],
    [
      'disable and enable',
      (breaker) => {
        breaker.disable();
        breaker.enable();
      },
      ['disabled', 'closed'],
    ],
    [
      'isolate and its handle',
      (breaker) => {
        breaker.isolate()[Symbol.dispose]();
      },
      ['isolated', 'closed'],
    ],
    [
      'reset',
      (breaker) => {
        breaker.open();
        breaker.reset();
      },
      ['open', 'closed'],
    ],
  ])('tell of %s', async (_, command, states) => {
    const messages = await published(() => command(make()));
    expect(messages).toEqual(states.map((to) => change({ to, reason: 'manual' })));
  });

  it('tell of a late call too, though it no longer counts', async () => {
    const breaker = make();
    const messages = await published(async () => {
      const pending = begin(breaker);
      breaker.reset();
      clock.ms += 5;
      await pending.fail();
    });
    expect(messages).toEqual([call('failure', { durationMs: 5, error: down })]);
    expect(breaker.stats().calls).toBe(0);
  });

  it('tell of calls that began while somebody listened', async () => {
    const breaker = new CircuitBreaker({ name: 'db', clock });
    const before = begin(breaker);
    expect(await published(() => before.succeed())).toEqual([]);
    expect(await published(() => succeed(breaker))).toEqual([call('success')]);
    expect(breaker.stats().calls).toBe(2);
  });

  it('do not tell of commands that change nothing', async () => {
    const breaker = make();
    const messages = await published(() => {
      breaker.close();
      breaker.enable();
      breaker.reset();
    });
    expect(messages).toEqual([]);
  });

  it('tell of a callback that throws, instead of a warning', async () => {
    const emitWarning = jest.spyOn(process, 'emitWarning');
    const error = new Error('in onStateChange');
    const breaker = new CircuitBreaker({
      onStateChange: () => {
        throw error;
      },
    });
    const messages = await published(() => {
      breaker.open();
    });
    expect(messages).toContainEqual(['listener-error', { name: undefined, listener: 'onStateChange', error }]);
    expect(emitWarning).not.toHaveBeenCalled();
    emitWarning.mockRestore();
  });

  it('warn where nobody listens, once for each callback, however many breakers share it', async () => {
    const emitWarning = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const isFailure = (): never => {
      throw new Error('in isFailure');
    };
    await succeed(new CircuitBreaker({ isFailure }), 3);
    await succeed(new CircuitBreaker({ isFailure }));
    expect(emitWarning).toHaveBeenCalledTimes(1);
    emitWarning.mockRestore();
  });
});
