import {
  AdaptiveRate,
  allOf,
  FixedWindow,
  Gcra,
  LeakyBucket,
  RateLimitError,
  SlidingWindowCounter,
  SlidingWindowLog,
  TokenBucket,
} from '@patterns/ratelimit';
import { MemoryStore, type Options } from 'express-rate-limit';
import * as limiter from 'limiter';
import pThrottle from 'p-throttle';
import { RateLimiterMemory } from 'rate-limiter-flexible';

import { allocates, area, row } from '../area.ts';
import { atMost, ratio } from '../target.ts';

const hourMs = 3_600_000;
/** A clock reading is a number on the heap: whoever reads it cannot make less. */
const readingBytes = 16;
const ignore = () => undefined;
const succeed = () => Promise.resolve(1);

/** The least that limits: what has accrued since the last call, by the same clock. */
class LimitBucket {
  readonly #perMs: number;
  readonly #burst: number;
  #tokens: number;
  #atMs = performance.now();
  constructor(perSecond: number, burst: number, tokens: number) {
    this.#perMs = perSecond / 1000;
    this.#burst = burst;
    this.#tokens = tokens;
  }
  tryAcquire(): boolean {
    const now = performance.now();
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#atMs) * this.#perMs);
    this.#atMs = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

const free = new LimitBucket(1e9, 1e9, 1e9);
const empty = new LimitBucket(1e-9, 5, 0);
const bucket = new TokenBucket({ ratePerSecond: 1e9, burst: 1e9 });
const emptyBucket = new TokenBucket({ ratePerSecond: 1e-9, burst: 5, initial: 0 });
const many = { limit: 1e9, windowMs: 1_000 };
const gcra = new Gcra(many);
const fixed = new FixedWindow(many);
const counter = new SlidingWindowCounter(many);
const log = new SlidingWindowLog({ limit: 1_000, windowMs: hourMs });
const leaky = new LeakyBucket({ ratePerSecond: 1e9, capacity: 1e9, slack: 1e9 });
const adaptive = new AdaptiveRate();
const both = allOf(new TokenBucket({ ratePerSecond: 1e9, burst: 1e9 }), new FixedWindow(many));
const emptyGcra = new Gcra({ limit: 1, windowMs: hourMs });
emptyGcra.tryAcquire();
log.tryAcquire(1_000);

const limiterBucket = new limiter.TokenBucket({ bucketSize: 1e9, tokensPerInterval: 1e9, interval: 1_000 });
limiterBucket.content = 1e9;
const limiterEmpty = new limiter.TokenBucket({ bucketSize: 5, tokensPerInterval: 1, interval: hourMs });
const flexible = new RateLimiterMemory({ points: 1e9, duration: 1 });
const flexibleEmpty = new RateLimiterMemory({ points: 1, duration: 3_600 });
await flexibleEmpty.consume('one');
const express = new MemoryStore();
express.init({ windowMs: 1_000 } as Options);
const throttled = pThrottle({ limit: Number.MAX_SAFE_INTEGER, interval: 1_000 })(succeed);

async function limitOfExecuting<T>(operation: () => Promise<T>): Promise<T> {
  if (!free.tryAcquire()) throw new RangeError('refused');
  return await operation();
}

/** A refusal that costs as little as can be: an error with nothing but its message in its stack. */
function limitOfRefusing(): Promise<never> {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = new Error('refused');
  Error.stackTraceLimit = stackTraceLimit;
  return Promise.reject(error);
}

export default area('ratelimit', [
  row({
    work: 'tryAcquire, allowed',
    limit: () => free.tryAcquire(),
    ours: () => bucket.tryAcquire(),
    peers: {
      'limiter, tryRemoveTokens': () => limiterBucket.tryRemoveTokens(1),
      'express-rate-limit, MemoryStore': () => express.increment('one'),
      'rate-limiter-flexible, memory': () => flexible.consume('one'),
      'p-throttle': () => throttled(),
    },
    target: ratio(1.3)
      .andFasterThan('limiter, tryRemoveTokens')
      .andFasterThan('express-rate-limit, MemoryStore')
      .andFasterThan('rate-limiter-flexible, memory')
      .andFasterThan('p-throttle'),
  }),
  row({
    work: 'tryAcquire, denied',
    limit: () => empty.tryAcquire(),
    ours: () => emptyBucket.tryAcquire(),
    peers: {
      'limiter, tryRemoveTokens': () => limiterEmpty.tryRemoveTokens(1),
      'rate-limiter-flexible, memory': () => flexibleEmpty.consume('one').catch(ignore),
    },
    target: ratio(1.3).andFasterThan('limiter, tryRemoveTokens').andFasterThan('rate-limiter-flexible, memory'),
  }),
  row({
    work: 'tryAcquire, allowed, of the other algorithms',
    limit: () => free.tryAcquire(),
    ours: () => gcra.tryAcquire(),
    peers: {
      FixedWindow: () => fixed.tryAcquire(),
      SlidingWindowCounter: () => counter.tryAcquire(),
      LeakyBucket: () => leaky.tryAcquire(),
      AdaptiveRate: () => adaptive.tryAcquire(),
      'allOf two': () => both.tryAcquire(),
    },
  }),
  row({
    work: 'tryAcquire, denied, of the other algorithms',
    limit: () => empty.tryAcquire(),
    ours: () => emptyGcra.tryAcquire(),
    peers: { 'SlidingWindowLog of 1 000': () => log.tryAcquire() },
  }),
  row({
    work: 'check, allowed',
    limit: () => ({ allowed: free.tryAcquire(), limit: 1e9, remaining: 1, retryAfterMs: 0, resetMs: 0, policy: free }),
    ours: () => bucket.check(),
  }),
  row({
    work: 'execute, with the permits there',
    limit: () => limitOfExecuting(succeed),
    ours: () => bucket.execute(succeed),
    peers: { 'p-throttle': () => throttled() },
  }),
  row({
    work: 'acquire, refused',
    limit: () => limitOfRefusing().catch(ignore),
    ours: () => emptyBucket.acquire(1, { maxWaitMs: 0 }).catch(ignore),
    peers: {
      'the error alone': () => Promise.reject(new RateLimitError('limit', 5)).catch(ignore),
      'rate-limiter-flexible, memory': () => flexibleEmpty.consume('one').catch(ignore),
    },
  }),
  allocates({
    work: 'tryAcquire, allowed',
    limit: () => free.tryAcquire(),
    ours: () => bucket.tryAcquire(),
    peers: { 'limiter, tryRemoveTokens': () => limiterBucket.tryRemoveTokens(1) },
    target: atMost(readingBytes),
  }),
  allocates({
    work: 'tryAcquire, denied',
    limit: () => empty.tryAcquire(),
    ours: () => emptyBucket.tryAcquire(),
    target: atMost(readingBytes),
  }),
  allocates({ work: 'tryAcquire of a Gcra', ours: () => gcra.tryAcquire(), target: atMost(readingBytes) }),
  allocates({ work: 'tryAcquire of a FixedWindow', ours: () => fixed.tryAcquire(), target: atMost(readingBytes) }),
  allocates({
    work: 'tryAcquire of a SlidingWindowCounter',
    ours: () => counter.tryAcquire(),
    target: atMost(readingBytes),
  }),
  allocates({ work: 'tryAcquire of two, by allOf', ours: () => both.tryAcquire(), target: atMost(readingBytes) }),
]);
