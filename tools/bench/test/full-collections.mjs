import { CircuitBreaker } from '@patterns/breaker';
import { background, createKey, withCancel, withTimeout, withValue } from '@patterns/context';
import { TaskPool } from '@patterns/pool';
import { TokenBucket } from '@patterns/ratelimit';
import { retry } from '@patterns/retry';
import { WaitQueue } from '@patterns/structures';

const answer = Promise.resolve(1);
const succeed = () => answer;
const parent = withCancel();
const key = createKey('key');
const breaker = new CircuitBreaker();
const bucket = new TokenBucket({ ratePerSecond: 1e9, burst: 1e9 });
const queue = new WaitQueue({ refuse: String });
const pool = new TaskPool({ concurrency: 2 });
const keyed = new TaskPool({ concurrency: 2, fairness: 'round-robin' });
const twenty = Array.from({ length: 20 }, (_, index) => index);

/** Whatever lives no longer than a call is garbage in between. */
const calls = new Map(
  Object.entries({
    cancel: () => {
      const child = withCancel(withValue(parent, key, 1));
      child.cancel();
    },
    retry: () => retry(succeed, { signal: parent }),
    breaker: () => breaker.execute(succeed, { signal: parent }),
    bucket: () => bucket.acquire(1, { signal: background() }),
    wait: () => {
      const waiting = queue.wait(undefined, { signal: parent });
      queue.serve(undefined);
      return waiting;
    },
    pool: () => Promise.all(twenty.map((priority) => pool.run(succeed, { priority, signal: parent }))),
    keyed: () => Promise.all(twenty.map((index) => keyed.run(succeed, { key: `${index % 3}` }))),
    map: () => pool.map(twenty, succeed).toArray(),
    group: () => {
      const group = pool.group();
      for (let n = 0; n < 20; n++) group.go(succeed);
      return group.wait();
    },
    deadline: () => {
      withTimeout(parent, 60_000).cancel();
    },
  }),
);

const call = calls.get(process.argv[2] ?? '');
if (call === undefined) throw new Error('which call?');
for (let round = 0; round < 20; round++) {
  for (let n = 0; n < 500; n++) await call();
  globalThis.gc?.();
}
process.exit();
