import { isPromiseLike } from './is-promise-like.ts';
import { lookAfter } from './when-settled.ts';

/**
 * What a callback has answered with, which has to be known now. Whatever comes of a promise, nobody looks at it.
 *
 * @throws {TypeError} for a promise
 */
export function checkAnswer<T>(callback: string, answer: T): T {
  // Nearly all answer so, in each call of a breaker. The rest is apart, as it would keep this from being inlined.
  return typeof answer === 'boolean' ? answer : refusePromise(callback, answer);
}

function refusePromise<T>(callback: string, answer: T): T {
  if (!isPromiseLike(answer)) return answer;
  lookAfter(Promise.resolve(answer));
  throw new TypeError(`${callback} must not return a promise: its answer is needed at once`);
}
