import { retry as attempt } from '@lifeomic/attempt';
import { constant, retry, RetryPolicy } from '@patterns/retry';
import asyncRetry from 'async-retry';
import * as cockatiel from 'cockatiel';
import { Effect, Schedule } from 'effect';
import * as mollitia from 'mollitia';
import pRetry from 'p-retry';

import { allocates, area, row, type RowOptions } from '../area.ts';
import { adds, fasterThan, ratio } from '../target.ts';

/** Three calls, no delay between them; every contender. */
const maxAttempts = 3;

const policy = new RetryPolicy({ maxAttempts, backoff: constant(0) });
const cockatielPolicy = cockatiel.retry(cockatiel.handleAll, {
  maxAttempts: maxAttempts - 1,
  backoff: new cockatiel.ConstantBackoff(0),
});
/* eslint-disable @typescript-eslint/no-unsafe-class-instance-assignment -- it declares its options as classes and takes literals */
const mollitiaCircuit = new mollitia.Circuit({
  options: { modules: [new mollitia.Retry({ attempts: maxAttempts - 1, interval: 0 })] },
});
/* eslint-enable @typescript-eslint/no-unsafe-class-instance-assignment */
/** p-retry fills in what is missing, on each call: all of its options, and none for it to add. */
const pRetryOptions = {
  retries: maxAttempts - 1,
  factor: 1,
  minTimeout: 0,
  maxTimeout: 0,
  maxRetryTime: Infinity,
  randomize: false,
  onFailedAttempt: () => undefined,
  shouldRetry: () => true,
  shouldConsumeRetry: () => true,
};

/** What has to happen: the loop that everybody has written by hand. */
async function limit<T>(operation: () => Promise<T>): Promise<T> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await operation();
    } catch (error) {
      if (attempts >= maxAttempts) throw error;
    }
  }
}

/** The same, but between two calls the event loop gets its turn, so that a server that fails at once does not stop everything else. */
async function limitWithTurns<T>(operation: () => Promise<T>): Promise<T> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await operation();
    } catch (error) {
      if (attempts >= maxAttempts) throw error;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** Everybody around the same operation. */
function contenders(operation: () => Promise<number>): Pick<RowOptions, 'ours'> & Required<Pick<RowOptions, 'peers'>> {
  const effect = Effect.retry(Effect.tryPromise(operation), Schedule.recurs(maxAttempts - 1));
  return {
    ours: () => policy.execute(operation),
    peers: {
      cockatiel: () => cockatielPolicy.execute(operation),
      '@lifeomic/attempt': () => attempt(operation, { maxAttempts, delay: 0 }),
      'p-retry, all options given': () => pRetry(operation, pRetryOptions),
      mollitia: () => mollitiaCircuit.fn(operation).execute(),
      'async-retry': () => asyncRetry(operation, { retries: maxAttempts - 1, minTimeout: 0, maxTimeout: 0 }),
      effect: () => Effect.runPromise(effect),
    },
  };
}

const succeed = () => Promise.resolve(1);
/** One that retries are for; made once, as making it costs more than all that is measured. */
const reset = Object.assign(new Error('not yet'), { code: 'ECONNRESET' });
/** Fails twice, then succeeds; and so on. */
function failTwice(): () => Promise<number> {
  let calls = 0;
  return () => (++calls % 3 === 0 ? Promise.resolve(1) : Promise.reject(reset));
}

const success = contenders(succeed);
const failure = contenders(failTwice());
const failingOperation = failTwice();

export default area('retry', [
  row({
    work: 'success at once',
    limit: () => limit(succeed),
    ...success,
    peers: { ...success.peers, 'p-retry, retries given': () => pRetry(succeed, { retries: maxAttempts - 1 }) },
    target: ratio(1.5).andFasterThan('cockatiel').andTimes('p-retry, retries given', 10),
  }),
  row({
    work: 'success at once, the function by default',
    limit: () => limit(succeed),
    ours: () => retry(succeed),
    peers: {
      'p-retry': () => pRetry(succeed),
      '@lifeomic/attempt': () => attempt(succeed),
      'async-retry': () => asyncRetry(succeed),
    },
    target: ratio(1.5).andFasterThan('p-retry'),
  }),
  row({
    work: 'success at once, the function with the number of attempts',
    limit: () => limit(succeed),
    ours: () => retry(succeed, { maxAttempts }),
    peers: {
      'p-retry': () => pRetry(succeed, { retries: maxAttempts - 1 }),
      '@lifeomic/attempt': () => attempt(succeed, { maxAttempts }),
      'async-retry': () => asyncRetry(succeed, { retries: maxAttempts - 1 }),
    },
    target: fasterThan('p-retry'),
  }),
  row({
    work: 'two failures, no delay',
    limit: () => limitWithTurns(failingOperation),
    ...failure,
    peers: { 'a loop that starves the event loop': () => limit(failingOperation), ...failure.peers },
    target: ratio(1.5),
  }),
  allocates({
    work: 'success at once',
    limit: () => limit(succeed),
    ...success,
    peers: { 'the operation alone': succeed, ...success.peers },
    target: adds(400, 'the operation alone'),
  }),
]);
