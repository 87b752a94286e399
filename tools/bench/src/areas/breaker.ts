import {
  BreakerOpenError,
  CircuitBreaker,
  failureRate,
  lastCalls,
  lastMs,
  type BreakerOptions,
  type TripWindowSize,
} from '@patterns/breaker';
import * as cockatiel from 'cockatiel';
import * as mollitia from 'mollitia';
import Opossum from 'opossum';

import { allocates, area, row } from '../area.ts';
import { ratio } from '../target.ts';

const succeed = () => Promise.resolve(1);
const down = new Error('down');
const fail = () => Promise.reject(down);
const ignore = () => undefined;

/** Over any window, a rule that never opens: each failure is counted, and asked about. */
const never = (window: TripWindowSize, options?: BreakerOptions): CircuitBreaker =>
  new CircuitBreaker({ trip: failureRate({ threshold: 1, window }), ...options });

/** What everybody does at least: look how it ended. */
const failures = { count: 0 };
async function limit<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    failures.count++;
    throw error;
  }
}

const byDefault = new CircuitBreaker();
const overTime = never(lastMs(10_000));
const overCalls = never(lastCalls(100));
const timed = new CircuitBreaker({ slowCallMs: 1_000 });
const withDurations = new CircuitBreaker({ durations: true });

const cockatielConsecutive = cockatiel.circuitBreaker(cockatiel.handleAll, {
  halfOpenAfter: 10_000,
  breaker: new cockatiel.ConsecutiveBreaker(5),
});
const cockatielSampling = cockatiel.circuitBreaker(cockatiel.handleAll, {
  halfOpenAfter: 10_000,
  breaker: new cockatiel.SamplingBreaker({ threshold: 0.99, duration: 10_000 }),
});
const opossumOptions = { timeout: false, errorThresholdPercentage: 100, volumeThreshold: 1e9 } as const;
const opossum = new Opossum(succeed, opossumOptions);
/* eslint-disable @typescript-eslint/no-unsafe-class-instance-assignment -- it declares its options as classes and takes literals */
const mollitiaCircuit = new mollitia.Circuit({
  options: {
    modules: [
      new mollitia.SlidingTimeBreaker({
        slidingWindowSize: 10_000,
        failureRateThreshold: 100,
        minimumNumberOfCalls: 1e9,
      }),
    ],
  },
});
/* eslint-enable @typescript-eslint/no-unsafe-class-instance-assignment */
const mollitiaSucceeding = mollitiaCircuit.fn(succeed);

const open = new CircuitBreaker({ openMs: Infinity });
open.open();
const cockatielOpen = cockatiel.circuitBreaker(cockatiel.handleAll, {
  halfOpenAfter: 1e9,
  breaker: new cockatiel.ConsecutiveBreaker(1),
});
const opossumOpen = new Opossum(succeed, opossumOptions);
opossumOpen.open();
await cockatielOpen.execute(fail).catch(ignore);

/** A refusal that costs as little as can be: an error of a class of its own, and nothing but the message in its stack. */
function limitOfRefusing(): Promise<never> {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = new Error('open');
  Error.stackTraceLimit = stackTraceLimit;
  return Promise.reject(error);
}

const wideFailing = never(lastCalls(30_000));
const narrowFailing = never(lastCalls(100));
const timeFailing = never(lastMs(10_000, { buckets: 100 }));
const opossumFailing = new Opossum((fails: boolean) => (fails ? fail() : succeed()), opossumOptions);
const cockatielFailing = cockatiel.circuitBreaker(cockatiel.handleAll, {
  halfOpenAfter: 10_000,
  breaker: new cockatiel.CountBreaker({ threshold: 0.99, size: 30_000 }),
});
for (let n = 0; n < 30_000; n++) {
  await Promise.all([wideFailing, narrowFailing, timeFailing].map((breaker) => breaker.execute(succeed)));
  await opossumFailing.fire(false);
  await cockatielFailing.execute(succeed);
}

/** Every window full, of a size that shows whether anything goes through it. */
function full(size: number): CircuitBreaker {
  const breaker = never(lastCalls(size));
  for (let n = 0; n < size; n++) breaker.executeSync(() => 1);
  return breaker;
}
const [small, big] = [full(1e2), full(1e6)];
const [synchronous, bigSynchronous] = [full(1e2), full(1e6)];

export default area('breaker', [
  row({
    work: 'closed, by default: in a row, and the rate of 10 s',
    limit: () => limit(succeed),
    ours: () => byDefault.execute(succeed),
    peers: {
      'cockatiel, consecutive': () => cockatielConsecutive.execute(succeed),
      'cockatiel, sampling': () => cockatielSampling.execute(succeed),
      opossum: () => opossum.fire(),
      mollitia: () => mollitiaSucceeding.execute(),
    },
    target: ratio(1.5).andTimes('opossum', 4).andFasterThan('cockatiel, sampling'),
  }),
  row({
    work: 'closed, the failure rate of 10 s',
    limit: () => limit(succeed),
    ours: () => overTime.execute(succeed),
    peers: {
      'the last 100 calls': () => overCalls.execute(succeed),
      'cockatiel, sampling': () => cockatielSampling.execute(succeed),
      opossum: () => opossum.fire(),
    },
    target: ratio(1.5).andTimes('opossum', 4).andFasterThan('cockatiel, sampling'),
  }),
  row({
    work: 'closed, with slowCallMs',
    limit: () => limit(succeed),
    ours: () => timed.execute(succeed),
    peers: { 'with durations': () => withDurations.execute(succeed), mollitia: () => mollitiaSucceeding.execute() },
    target: ratio(2.2).andFasterThan('mollitia'),
  }),
  row({
    work: 'open, rejecting',
    limit: () => limitOfRefusing().catch(ignore),
    ours: () => open.execute(succeed).catch(ignore),
    peers: {
      'the error alone': () => Promise.reject(new BreakerOpenError('open', 5)).catch(ignore),
      cockatiel: () => cockatielOpen.execute(succeed).catch(ignore),
      opossum: () => opossumOpen.fire().catch(ignore),
    },
    target: ratio(1.5).andFasterThan('cockatiel'),
  }),
  row({
    work: 'one failure, with 30 000 calls in the window',
    limit: () => limit(fail).catch(ignore),
    ours: () => wideFailing.execute(fail).catch(ignore),
    peers: {
      'with 100 calls': () => narrowFailing.execute(fail).catch(ignore),
      'in a window of time': () => timeFailing.execute(fail).catch(ignore),
      cockatiel: () => cockatielFailing.execute(fail).catch(ignore),
      opossum: () => opossumFailing.fire(true).catch(ignore),
    },
    target: ratio(1.5),
  }),
  row({
    work: 'a call, with a window of 1e6 instead of 1e2',
    limit: () => small.execute(succeed),
    ours: () => big.execute(succeed),
    target: ratio(3),
  }),
  row({
    work: 'stats(), with a window of 1e6 instead of 1e2',
    limit: () => synchronous.stats(),
    ours: () => bigSynchronous.stats(),
    target: ratio(3),
  }),
  allocates({
    work: 'closed, by default',
    limit: () => limit(succeed),
    ours: () => byDefault.execute(succeed),
    peers: { 'cockatiel, sampling': () => cockatielSampling.execute(succeed), opossum: () => opossum.fire() },
  }),
]);
