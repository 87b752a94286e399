import {
  CircuitBreaker,
  consecutiveFailures,
  KeyedBreakers,
  lastMs,
  failureRate,
  type BreakerOptions,
} from '@patterns/breaker';
import { withCancel } from '@patterns/context';
import { failOnLeaks, heapPerOperation } from '@patterns-tools/test-kit';
import { ManualClock } from './manual-clock.ts';

// A hundred thousand of each, on a machine that may be busy with other things.
jest.setTimeout(60_000);

failOnLeaks();

const error = new Error('down');
const ignore = (): undefined => undefined;
const fail = (): never => {
  throw error;
};
const clock = new ManualClock();
const make = (options?: BreakerOptions): CircuitBreaker =>
  new CircuitBreaker({ clock, trip: failureRate({ window: lastMs(10_000), threshold: 1 }), openMs: 1, ...options });

const plain = make();
const timed = make({ slowCallMs: 5, durations: true });
const open = make({ openMs: Infinity });
open.open();
const flapping = make({ trip: consecutiveFailures(1), halfOpen: { maxCalls: 2, maxDurationMs: 1 } });
const parent = withCancel();
const controller = new AbortController();
const keyed = new KeyedBreakers<number>({ maxKeys: 100, options: { clock } });

const ways: readonly (readonly [string, (index: number) => unknown])[] = [
  ['a success', () => plain.execute(ignore)],
  ['a success under a context', () => plain.execute(ignore, { signal: parent })],
  ['a success under a signal', () => plain.execute(ignore, { signal: controller.signal })],
  ['a call that is timed', (n) => timed.execute(n % 2 ? ignore : fail).catch(ignore)],
  ['a failure', (n) => plain.execute(n % 2 ? ignore : fail).catch(ignore)],
  ['a refusal', () => open.execute(ignore).catch(ignore)],
  ['a permit that nobody gives back', () => plain.tryAcquire()],
  [
    'opening, trials that nobody ends, and closing',
    (n) => {
      clock.ms++;
      if (n % 3 === 0) flapping.open();
      flapping.tryAcquire();
      if (n % 7 === 0) flapping.close();
    },
  ],
  [
    'trials that are given back',
    () => {
      flapping.open();
      clock.ms++;
      for (let n = 0; n < 3; n++) flapping.tryAcquire()?.ignore();
    },
  ],
  [
    'isolating and disabling',
    () => {
      plain.isolate()[Symbol.dispose]();
      plain.disable();
      plain.enable();
    },
  ],
  ['a key that is not used again', (n) => keyed.for(n)],
];

describe('nothing is left behind, after 100 000 times', () => {
  it.each(ways)('%s', async (_, run) => {
    expect(await heapPerOperation(run, { operations: 20_000, rounds: 4 })).toBeLessThan(25);
  });
});
