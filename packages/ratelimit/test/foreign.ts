import type { RateLimiter } from '@patterns/ratelimit';

/** As one of another copy of the package: nothing but its public methods. */
export function foreign(limiter: RateLimiter): RateLimiter {
  return {
    quota: limiter.quota,
    tryAcquire: (permits) => limiter.tryAcquire(permits),
    check: (permits) => limiter.check(permits),
    peek: (permits) => limiter.peek(permits),
    acquire: (permits, options) => limiter.acquire(permits, options),
    reserve: (permits, options) => limiter.reserve(permits, options),
    execute: (operation, options) => limiter.execute(operation, options),
    wrap: (fn) => limiter.wrap(fn),
  };
}
