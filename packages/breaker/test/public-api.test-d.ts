import {
  anyOf,
  BreakerOpenError,
  CircuitBreaker,
  consecutiveFailures,
  failureRate,
  KeyedBreakers,
  lastCalls,
  lastMs,
  slowRate,
  type BreakerDiagnostics,
  type BreakerOptions,
  type BreakerSnapshot,
  type BreakerState,
  type BreakerStateChange,
  type CallOutcome,
  type Permit,
  type TripRule,
} from '@patterns/breaker';
import { withCancel, type Policy } from '@patterns/context';
import { classify, type PatternError } from '@patterns/errors';
import type { DurationSummary } from '@patterns/structures';
import { expectTypeOf } from 'expect-type';

interface User {
  readonly id: string;
}
declare function find(id: string, options?: { readonly signal?: AbortSignal }): Promise<User | undefined>;
declare const saved: BreakerSnapshot;

// every option
const options: BreakerOptions = {
  name: 'db',
  trip: anyOf(
    consecutiveFailures(5),
    failureRate({ window: lastMs(10_000, { buckets: 5 }) }),
    slowRate({ threshold: 0.8, window: lastCalls(50), minimumCalls: 10 }),
    failureRate(),
  ),
  openMs: (opens, lastError) => {
    expectTypeOf(opens).toEqualTypeOf<number>();
    expectTypeOf(lastError).toEqualTypeOf<unknown>();
    return classify(lastError).retryAfterMs ?? 1_000 * opens;
  },
  halfOpen: { maxCalls: 3, successRate: 0.5, maxDurationMs: 1_000 },
  slowCallMs: 500,
  durations: true,
  isFailure: (outcome, byDefault) => (outcome.ok ? outcome.value === null : byDefault),
  initial: saved,
  onStateChange: ({ from, reason, stats }) => {
    expectTypeOf(from).toEqualTypeOf<BreakerState>();
    expectTypeOf(reason).toEqualTypeOf<
      'rule' | 'elapsed' | 'trial-succeeded' | 'trial-failed' | 'trial-expired' | 'manual'
    >();
    expectTypeOf(stats.durationMs).toEqualTypeOf<DurationSummary | undefined>();
  },
  random: () => 0.5,
};
const judge: BreakerOptions['isFailure'] = (outcome: CallOutcome) => (outcome.ok ? false : 'ignore');
new CircuitBreaker({ isFailure: judge, name: undefined, trip: undefined, openMs: undefined, clock: undefined });

// calls
const breaker = new CircuitBreaker(options);
expectTypeOf(breaker).toExtend<Policy>();
expectTypeOf(breaker.kind).toEqualTypeOf<'breaker'>();
expectTypeOf(breaker.state).toEqualTypeOf<BreakerState>();
expectTypeOf(breaker.execute((ctx) => find('1', { signal: ctx.signal }))).toEqualTypeOf<Promise<User | undefined>>();
expectTypeOf(breaker.execute(() => 1, { signal: withCancel() })).toEqualTypeOf<Promise<number>>();
expectTypeOf(breaker.executeSync(() => 'x')).toEqualTypeOf<string>();
// @ts-expect-error a promise is not a result: use execute
void breaker.executeSync(async () => Promise.resolve('x'));
expectTypeOf(breaker.wrap((id: string, deep?: boolean) => find(id + String(deep)))).toEqualTypeOf<
  (this: unknown, id: string, deep?: boolean) => Promise<User | undefined>
>();
// @ts-expect-error a context is no options
void breaker.execute(() => 1, withCancel());

// permits and handles
expectTypeOf(breaker.tryAcquire()).toEqualTypeOf<Permit | undefined>();
expectTypeOf(breaker.isolate()).toEqualTypeOf<Disposable>();
{
  using permit = breaker.tryAcquire();
  permit?.success();
  permit?.failure(new Error());
  // @ts-expect-error a failure has an error
  permit?.failure();
}

// errors
const error = new BreakerOpenError('open', 5, { policy: 'db', cause: 'down' });
expectTypeOf(error).toExtend<PatternError>();
expectTypeOf(error.code).toEqualTypeOf<'ERR_BREAKER_OPEN'>();
expectTypeOf(error.state).toEqualTypeOf<'open' | 'half-open' | 'isolated'>();
expectTypeOf(error.retryAfterMs).toEqualTypeOf<number>();
// @ts-expect-error the name of the instance stands in policy, on every error
new BreakerOpenError('open', 5, { breaker: 'db' });
// @ts-expect-error a closed breaker refuses nothing
new BreakerOpenError('closed', 5);

// rules
// @ts-expect-error shares are called threshold
failureRate({ failureRate: 0.5 });
// @ts-expect-error nothing to combine
anyOf();
const outnumbered: TripRule = {
  name: 'outnumbered',
  start: () => {
    let [calls, failures] = [0, 0];
    return {
      record: (failed) => {
        calls++;
        if (failed) failures++;
        return failed && calls >= 10 && failures * 2 > calls;
      },
      counts: () => ({ calls, failures, slow: 0 }),
    };
  },
};
new CircuitBreaker({ trip: anyOf(outnumbered, consecutiveFailures(5)) });

// snapshots
expectTypeOf(breaker.snapshot().state).toEqualTypeOf<'closed' | 'open' | 'half-open' | 'disabled'>();

// keys
const hosts = new KeyedBreakers({ maxKeys: 100, idleMs: 60_000, options: (host) => ({ name: host, initial: saved }) });
expectTypeOf(hosts).toEqualTypeOf<KeyedBreakers>();
expectTypeOf(hosts.for('a')).toEqualTypeOf<CircuitBreaker>();
expectTypeOf(hosts.execute('a', () => 1)).toEqualTypeOf<Promise<number>>();
for (const [host, { state }] of hosts) {
  expectTypeOf(host).toEqualTypeOf<string>();
  expectTypeOf(state).toEqualTypeOf<BreakerState>();
}
// @ts-expect-error keys are numbers
new KeyedBreakers<number>().for('a');

// diagnostics
expectTypeOf<BreakerDiagnostics['patterns:breaker:state-change']>().toEqualTypeOf<BreakerStateChange>();
expectTypeOf<BreakerDiagnostics['patterns:breaker:call']['outcome']>().toEqualTypeOf<
  'success' | 'failure' | 'ignored'
>();
expectTypeOf<BreakerDiagnostics['patterns:breaker:rejected']['state']>().toEqualTypeOf<BreakerState>();
