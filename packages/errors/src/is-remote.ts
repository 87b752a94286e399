import { statement } from './brand.ts';
import { read } from './read.ts';

/**
 * Made by {@link deserialize} or {@link fromProblem}, of whatever class: it tells of something that has happened elsewhere, in another process
 * or thread. `BreakerOpenError` from an HTTP response, say, is no breaker of ours. Asks about the error itself, not about its causes; a sentinel
 * is the same one everywhere, and never remote. Never throws.
 *
 * @example
 * ```ts
 * isRemote(fromProblem({ status: 503, code: 'ERR_BREAKER_OPEN' })); // true
 * isRemote(new Error('ours')); // false
 * ```
 */
export function isRemote(error: unknown): boolean {
  return read(error, statement) !== undefined;
}
