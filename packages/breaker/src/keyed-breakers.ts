import { systemClock, type Clock, type ExecuteOptions, type Operation } from '@patterns/context';
import { checkClock, checkMs, checkType } from '@patterns/context/internal';
import { LruMap } from '@patterns/structures';
import { resolveOptions, type BreakerOptions } from './breaker-options.ts';
import { checkCount } from './check-option.ts';
import { CircuitBreaker, isClosed } from './circuit-breaker.ts';

export interface KeyedBreakersOptions<K = string> {
  /** For a new key in a full map the first closed one of the 8 least recently used goes, else the oldest of them. @defaultValue 10_000 */
  readonly maxKeys?: number | undefined;
  /** Forgotten after this time without use, if closed. @defaultValue 600_000 */
  readonly idleMs?: number | undefined;
  /** `name` is `String(key)` unless given. */
  readonly options?: BreakerOptions | ((key: K) => BreakerOptions) | undefined;
  /** For `idleMs`, and for the breakers unless they have one of their own. @defaultValue that of `options`, which is that of the first breaker where it is a function; else `systemClock` */
  readonly clock?: Clock | undefined;
}

/**
 * A breaker per host, tenant, shard ..., made on demand and bounded: a thousand shards that fail must not open the breaker of the others, and
 * keys that come from outside must not fill the memory. No timer: each use drops at most two idle ones.
 *
 * @example
 * ```ts
 * const hosts = new KeyedBreakers({ maxKeys: 1_000, options: { slowCallMs: 2_000 } });
 * const page = await hosts.execute(url.host, (ctx) => fetch(url, { signal: ctx.signal }));
 * ```
 */
export class KeyedBreakers<K = string> implements Iterable<readonly [K, CircuitBreaker]> {
  readonly #optionsOf: (key: K) => BreakerOptions;
  /** Where a function gives the options, nothing before the first breaker: until then there is nothing to be timed. */
  #clock: Clock | undefined;
  readonly #breakers: LruMap<K, CircuitBreaker>;

  /**
   * @throws {RangeError} for an option out of range
   * @throws {TypeError} for one of the wrong type
   */
  constructor({ maxKeys = 10_000, idleMs = 600_000, options = {}, clock }: KeyedBreakersOptions<K> = {}) {
    checkCount('maxKeys', maxKeys);
    checkMs('idleMs', idleMs);
    if (clock !== undefined) checkClock(clock);
    if (typeof options === 'function') {
      this.#optionsOf = options;
      this.#clock = clock;
    } else {
      checkType(
        'options',
        options,
        typeof options === 'object' && (options as unknown) !== null,
        'an object or a function',
      );
      // Now, and not with the first key; whatever becomes of the object.
      const resolved = resolveOptions(options);
      const own = { ...resolved, clock: options.clock ?? clock ?? systemClock };
      this.#optionsOf = () => own;
      this.#clock = clock ?? own.clock;
    }
    // An open one is kept: it would come back closed, and let everything through.
    this.#breakers = new LruMap({
      maxSize: maxKeys,
      idleMs,
      evictable: isClosed,
      clock: this.#clock ?? { ...systemClock, now: () => this.#clock?.now() ?? 0 },
    });
  }

  /** The same breaker for the same key until it is forgotten. Counts as use. */
  for(key: K): CircuitBreaker {
    return this.#breakers.get(key) ?? this.#make(key);
  }

  /** `for(key).execute(operation, options)` */
  execute<T>(key: K, operation: Operation<T>, options?: ExecuteOptions): Promise<T> {
    let breaker: CircuitBreaker;
    try {
      breaker = this.for(key);
    } catch (error) {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- of the function that gives the options
      return Promise.reject(error);
    }
    return breaker.execute(operation, options);
  }

  /** Counts as no use. */
  has(key: K): boolean {
    return this.#breakers.has(key);
  }

  /** `false` if there was none. Whoever holds the breaker can go on using it. */
  delete(key: K): boolean {
    return this.#breakers.delete(key);
  }

  clear(): void {
    this.#breakers.clear();
  }

  get size(): number {
    return this.#breakers.size;
  }

  /** Least recently used first; counts as no use. */
  [Symbol.iterator](): IterableIterator<readonly [K, CircuitBreaker]> {
    return this.#breakers[Symbol.iterator]();
  }

  #make(key: K): CircuitBreaker {
    const options = this.#optionsOf(key);
    // The function may have asked for the same key.
    const made = this.#breakers.get(key);
    if (made !== undefined) return made;
    const resolved = resolveOptions(options);
    const name = resolved.name ?? String(key);
    const clock = options.clock ?? this.#clock ?? systemClock;
    const breaker = new CircuitBreaker({ ...resolved, name, clock });
    this.#clock ??= clock;
    this.#breakers.set(key, breaker);
    return breaker;
  }
}
