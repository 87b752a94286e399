import {
  anyOf,
  CircuitBreaker,
  consecutiveFailures,
  failureRate,
  lastCalls,
  lastMs,
  slowRate,
  type Permit,
  type TripRule,
} from '@patterns/breaker';
import fc from 'fast-check';
import { ManualClock } from './manual-clock.ts';
import { NaiveBreaker, type NaiveCall, type NaiveOptions, type NaiveRules } from './naive-breaker.ts';

const rules: fc.Arbitrary<NaiveRules> = fc.record({
  consecutive: fc.integer({ min: 0, max: 4 }),
  window: fc.oneof(
    fc.record({ calls: fc.integer({ min: 3, max: 12 }) }),
    fc.record({ ms: fc.constantFrom(100, 400), buckets: fc.constantFrom(1, 2, 5, 10) }),
  ),
  failureThreshold: fc.constantFrom(0.1, 0.3, 0.5, 1),
  slowThreshold: fc.constantFrom(0.3, 1),
  minimumCalls: fc.integer({ min: 1, max: 3 }),
});

const options: fc.Arbitrary<NaiveOptions> = fc
  .record({
    rules,
    openMs: fc.constantFrom(0, 50, 300),
    maxCalls: fc.constant(0),
    needed: fc.constant(0),
    maxDurationMs: fc.constantFrom(1, 60, 1_500),
    slowMs: fc.constantFrom(20, 100),
  })
  .chain((rest) =>
    fc
      .integer({ min: 1, max: 5 })
      .chain((maxCalls) => fc.integer({ min: 1, max: maxCalls }).map((needed) => ({ ...rest, maxCalls, needed }))),
  );

type Step =
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'begin' }
  | { readonly do: 'settle'; readonly which: number; readonly outcome: 'success' | 'failure' | 'ignore' }
  | { readonly do: 'open' | 'close' | 'disable' | 'enable' | 'reset' | 'isolate' | 'release' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(1, 9, 10, 40, 50, 100, 300, 1_500, 3_600_000),
    }),
  },
  { weight: 8, arbitrary: fc.constant({ do: 'begin' as const }) },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      which: fc.nat(7),
      outcome: fc.constantFrom('success' as const, 'failure' as const, 'failure' as const, 'ignore' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'open' as const,
        'close' as const,
        'disable' as const,
        'enable' as const,
        'reset' as const,
        'isolate' as const,
        'release' as const,
      ),
    }),
  },
);

function ruleOf({ consecutive, window, failureThreshold, slowThreshold, minimumCalls }: NaiveRules): TripRule {
  const size = 'calls' in window ? lastCalls(window.calls) : lastMs(window.ms, window);
  const rates = [
    failureRate({ threshold: failureThreshold, window: size, minimumCalls }),
    slowRate({ threshold: slowThreshold, window: size, minimumCalls }),
  ] as const;
  return consecutive === 0 ? anyOf(...rates) : anyOf(consecutiveFailures(consecutive), ...rates);
}

function compare(breaker: CircuitBreaker, model: NaiveBreaker, nowMs: number): void {
  model.look(nowMs);
  const calls = model.inWindow(nowMs);
  const { failureRate: rate, slowRate: slows, durationMs, ...stats } = breaker.stats();
  const failures = calls.filter(({ failed }) => failed).length;
  expect(stats).toEqual({
    state: model.state,
    calls: calls.length,
    successes: calls.length - failures,
    failures,
    slow: calls.filter(({ slow }) => slow).length,
    ignored: model.ignored,
    rejected: model.rejected,
    consecutiveFailures: model.run(true),
    consecutiveSuccesses: model.run(false),
    consecutiveOpens: model.opens,
    retryAfterMs: model.retryAfterMs(nowMs),
  });
  expect([rate * calls.length, slows * calls.length, durationMs]).toEqual([
    expect.closeTo(failures),
    expect.closeTo(stats.slow),
    undefined,
  ]);
}

function play(settings: NaiveOptions, steps: readonly Step[]): void {
  const clock = new ManualClock();
  const model = new NaiveBreaker(settings);
  const breaker = new CircuitBreaker({
    clock,
    trip: ruleOf(settings.rules),
    openMs: settings.openMs,
    halfOpen: {
      maxCalls: settings.maxCalls,
      successRate: settings.needed / settings.maxCalls,
      maxDurationMs: settings.maxDurationMs,
    },
    slowCallMs: settings.slowMs,
  });
  const running: (readonly [Permit, NaiveCall])[] = [];
  const handles: Disposable[] = [];
  for (const next of steps) {
    switch (next.do) {
      case 'wait':
        clock.ms += next.ms;
        break;
      case 'begin': {
        const permit = breaker.tryAcquire();
        const call = model.admit(clock.ms);
        expect(permit === undefined).toBe(call === undefined);
        if (permit !== undefined && call !== undefined) running.push([permit, call]);
        break;
      }
      case 'settle': {
        const [permit, call] = running[next.which % running.length] ?? [];
        if (permit === undefined || call === undefined) break;
        permit[next.outcome](undefined);
        model.settle(call, next.outcome, clock.ms);
        break;
      }
      case 'isolate':
        handles.push(breaker.isolate());
        model.command('isolate', clock.ms);
        break;
      case 'release':
        handles.pop()?.[Symbol.dispose]();
        model.command('release', clock.ms);
        break;
      default:
        breaker[next.do]();
        model.command(next.do, clock.ms);
        if (next.do === 'reset') handles.length = 0;
    }
    compare(breaker, model, clock.ms);
  }
}

describe('against a list of everything that has happened', () => {
  it('does the same with every sequence of calls, outcomes, times and commands', () => {
    fc.assert(fc.property(options, fc.array(step, { maxLength: 60, size: 'max' }), play), { numRuns: 1_000 });
  });
});
