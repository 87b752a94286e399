import { fixedWindow, gcra, KeyedRateLimiter, slidingCounter } from '@patterns/ratelimit';
import { MemoryStore, type Options } from 'express-rate-limit';
import { TokenBucket } from 'limiter';
import { LRUCache } from 'lru-cache';
import { RateLimiterMemory } from 'rate-limiter-flexible';

import { allocates, area, retains, row } from '../area.ts';
import { staged } from '../contender.ts';
import { atMost, ratio } from '../target.ts';

const hourMs = 3_600_000;
const ignore = () => undefined;

/** The least that limits each key: one time for each in a `Map`, without a bound. */
class LimitMap {
  readonly #fullAt = new Map<string, number>();
  readonly #intervalMs: number;
  readonly #burstMs: number;
  constructor(limit: number, windowMs: number) {
    this.#intervalMs = windowMs / limit;
    this.#burstMs = windowMs;
  }
  tryAcquire(key: string): boolean {
    const now = performance.now();
    const next = Math.max(this.#fullAt.get(key) ?? now, now) + this.#intervalMs;
    if (next - now > this.#burstMs) return false;
    this.#fullAt.set(key, next);
    return true;
  }
}

/** What its README proposes for many: one bucket each. */
class LimiterMap {
  readonly #buckets = new Map<string, TokenBucket>();
  readonly #limit: number;
  readonly #interval: number;
  constructor(limit: number, interval: number) {
    this.#limit = limit;
    this.#interval = interval;
  }
  tryAcquire(key: string): boolean {
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = new TokenBucket({ bucketSize: this.#limit, tokensPerInterval: this.#limit, interval: this.#interval });
      bucket.content = this.#limit;
      this.#buckets.set(key, bucket);
    }
    return bucket.tryRemoveTokens(1);
  }
}

function expressStore(windowMs: number): MemoryStore {
  const store = new MemoryStore();
  store.init({ windowMs } as Options);
  return store;
}

// --- One key ---

const free = { limit: 1e9, windowMs: 1_000 };
const none = { limit: 1, windowMs: hourMs };
const freely = {
  limit: new LimitMap(free.limit, free.windowMs),
  ours: new KeyedRateLimiter({ algorithm: gcra(free) }),
  fixed: new KeyedRateLimiter({ algorithm: fixedWindow(free) }),
  counter: new KeyedRateLimiter({ algorithm: slidingCounter(free) }),
  limiter: new LimiterMap(free.limit, free.windowMs),
  express: expressStore(hourMs),
  flexible: new RateLimiterMemory({ points: 1e15, duration: 3_600 }),
};
const never = {
  limit: new LimitMap(none.limit, none.windowMs),
  ours: new KeyedRateLimiter({ algorithm: gcra(none) }),
  limiter: new LimiterMap(none.limit, none.windowMs),
  flexible: new RateLimiterMemory({ points: 1, duration: 3_600 }),
};
for (const each of [never.limit, never.ours, never.limiter]) each.tryAcquire('user');
await never.flexible.consume('user');

// --- 100 000 keys ---

const per = 100_000;
const keys = Array.from({ length: 10 * per }, (_, index) => `user:${index}`);
const firstKeys = keys.slice(0, per);
/** Each key in turn, and of each the next call. */
function inTurn(ask: (key: string) => unknown) {
  let next = 0;
  return () => ask(firstKeys[next++ % per] as string);
}

// --- New keys all the time ---

const bounded = {
  ours: new KeyedRateLimiter({ algorithm: gcra({ limit: 10, windowMs: hourMs }), maxKeys: per }),
  oursFull: new KeyedRateLimiter({ algorithm: gcra({ limit: 1e6, windowMs: 1 }), maxKeys: per }),
  lru: new LRUCache<string, number>({ max: per }),
};
/** A key that has been forgotten, if there is a bound. */
function allNew(ask: (key: string) => unknown) {
  let next = 0;
  return () => ask(keys[next++ % keys.length] as string);
}
for (const key of keys) {
  bounded.ours.tryAcquire(key);
  bounded.oursFull.tryAcquire(key);
  bounded.lru.set(key, 1);
}

// --- Heap ---

function held<Limiter>(
  make: () => Limiter,
  ask: (limiter: Limiter, key: string) => unknown,
  tearDown?: (limiter: Limiter) => void,
) {
  return staged({
    per: keys.length,
    prepare: make,
    run: async (limiter) => {
      for (const key of keys) {
        const asked = ask(limiter, key);
        if (asked instanceof Promise) await asked;
      }
    },
    cleanUp: tearDown,
  });
}
const heldBy = (algorithm: ReturnType<typeof gcra> | ReturnType<typeof fixedWindow>) =>
  held(
    () => new KeyedRateLimiter({ algorithm, maxKeys: keys.length }),
    (limiter, key) => limiter.tryAcquire(key),
  );
const perHour = { limit: 10, windowMs: hourMs };

export default area('ratelimit-keyed', [
  row({
    work: 'one key, allowed',
    limit: () => freely.limit.tryAcquire('user'),
    ours: () => freely.ours.tryAcquire('user'),
    peers: {
      'check()': () => freely.ours.check('user'),
      fixedWindow: () => freely.fixed.tryAcquire('user'),
      slidingCounter: () => freely.counter.tryAcquire('user'),
      limiter: () => freely.limiter.tryAcquire('user'),
      'express-rate-limit store': () => freely.express.increment('user'),
      'rate-limiter-flexible': () => freely.flexible.consume('user'),
    },
    target: ratio(1.5)
      .andFasterThan('limiter')
      .andFasterThan('express-rate-limit store')
      .andFasterThan('rate-limiter-flexible'),
  }),
  row({
    work: 'one key, denied',
    limit: () => never.limit.tryAcquire('user'),
    ours: () => never.ours.tryAcquire('user'),
    peers: {
      'check()': () => never.ours.check('user'),
      limiter: () => never.limiter.tryAcquire('user'),
      'rate-limiter-flexible': () => never.flexible.consume('user').catch(ignore),
    },
    target: ratio(1.5).andFasterThan('limiter').andFasterThan('rate-limiter-flexible'),
  }),
  row({
    work: '100 000 keys in turn',
    limit: inTurn((key) => freely.limit.tryAcquire(key)),
    ours: inTurn((key) => freely.ours.tryAcquire(key)),
    peers: {
      'check()': inTurn((key) => freely.ours.check(key)),
      fixedWindow: inTurn((key) => freely.fixed.tryAcquire(key)),
      limiter: inTurn((key) => freely.limiter.tryAcquire(key)),
      'express-rate-limit store': inTurn((key) => freely.express.increment(key)),
      'rate-limiter-flexible': inTurn((key) => freely.flexible.consume(key)),
    },
    target: ratio(1.5)
      .andFasterThan('limiter')
      .andFasterThan('express-rate-limit store')
      .andFasterThan('rate-limiter-flexible'),
  }),
  row({
    work: 'a new key in place of one of 100 000 others',
    ours: allNew((key) => bounded.ours.tryAcquire(key)),
    peers: {
      'of one that is back to full': allNew((key) => bounded.oursFull.tryAcquire(key)),
      'lru-cache of numbers': allNew((key) => bounded.lru.set(key, (bounded.lru.get(key) ?? 0) + 1)),
    },
  }),
  allocates({
    work: 'one of 100 000 keys',
    limit: inTurn((key) => freely.limit.tryAcquire(key)),
    ours: inTurn((key) => freely.ours.tryAcquire(key)),
    peers: {
      'check()': inTurn((key) => freely.ours.check(key)),
      limiter: inTurn((key) => freely.limiter.tryAcquire(key)),
      'express-rate-limit store': inTurn((key) => freely.express.increment(key)),
      'rate-limiter-flexible': inTurn((key) => freely.flexible.consume(key)),
    },
  }),
  retains({
    work: 'a key, of a million',
    limit: held(
      () => new LimitMap(10, hourMs),
      (limiter, key) => limiter.tryAcquire(key),
    ),
    ours: heldBy(gcra(perHour)),
    peers: {
      fixedWindow: heldBy(fixedWindow(perHour)),
      slidingCounter: heldBy(slidingCounter(perHour)),
      limiter: held(
        () => new LimiterMap(10, hourMs),
        (limiter, key) => limiter.tryAcquire(key),
      ),
      'express-rate-limit store': held(
        () => expressStore(hourMs),
        (store, key) => store.increment(key),
        (store) => {
          store.shutdown();
        },
      ),
    },
    target: atMost(90),
    maxRounds: 5,
  }),
]);
