import { checkBackoff, type Backoff } from './backoff.ts';

/**
 * The first delay is 0, those of `backoff` follow: for failures that are mostly gone at once, such as a connection closed while idle.
 *
 * @throws {TypeError} if `backoff` is none
 */
export function immediateFirst(backoff: Backoff): Backoff {
  checkBackoff('backoff', backoff);
  return {
    maxMs: backoff.maxMs,
    *delays(random) {
      yield 0;
      const delays = backoff.delays(random);
      for (let next = delays.next(); next.done !== true; next = delays.next()) yield next.value;
    },
  };
}
