import { isPromiseLike } from '@patterns/context/internal';

/**
 * What a callback has answered with, which has to be known now. Whatever comes of a promise, nobody looks at it.
 *
 * @throws {TypeError} for a promise
 */
export function checkAnswer<T>(callback: string, answer: T): T {
  // On a boolean or a number, to look up `then` would cost more than all the rest.
  if (typeof answer === 'boolean' || typeof answer === 'number' || !isPromiseLike(answer)) return answer;
  Promise.resolve(answer).catch(() => undefined);
  throw new TypeError(`${callback} must not return a promise: its answer is needed at once`);
}
