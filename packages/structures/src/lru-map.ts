import { systemClock, type Clock } from '@patterns/context';
import { callListener, checkCallback, checkClock } from '@patterns/context/internal';
import { checkDuration } from './check-duration.ts';
import { NONE, RecencyList } from './recency-list.ts';

export type EvictionReason = 'size' | 'idle';

export interface LruMapOptions<K, V> {
  /** Most entries. A `Map` of JavaScript holds 16 777 216. */
  readonly maxSize: number;
  /** An entry not used for this long may go, on the next use of the map; it is no longer handed out then. @defaultValue Infinity */
  readonly idleMs?: number | undefined;
  /**
   * Entries that answer `false` are passed over, see {@link whenFull}. May read the map with `peek` and `has`, but not change it. One that throws counts as `false`.
   * @defaultValue all may go
   */
  readonly evictable?: ((value: V, key: K) => boolean) | undefined;
  /** What a full map does if none of the 8 least recently used entries may go: drop the oldest all the same, or not take the new one. @defaultValue `'evict'` */
  readonly whenFull?: 'evict' | 'refuse' | undefined;
  /** Called when the map is consistent again; not for `delete` and `clear`, nor for a value that `set` replaces. */
  readonly onEvict?: ((value: V, key: K, reason: EvictionReason) => void) | undefined;
  /** Read only if there is an `idleMs`. @defaultValue `systemClock` */
  readonly clock?: Clock | undefined;
}

/** How many of the least recently used entries are looked at. A bound, so that entries that may not go cannot make an operation slow. */
const CANDIDATES = 8;
/** How many idle entries one operation drops: more than it can add, so that a map in use runs empty. */
const IDLE_DROPS = 2;

interface Question<K, V> {
  readonly value: V;
  readonly key: K;
  mayGo: boolean;
}
interface Eviction<K, V> {
  readonly value: V;
  readonly key: K;
  readonly reason: EvictionReason;
}

/**
 * Map with a bound that always holds. For a new key in a full map the first `evictable` one of the 8 least recently used entries goes. Every operation is O(1);
 * each also drops at most two idle entries, so that a map in use empties itself without a timer. Keys compare as in `Map`.
 *
 * What `evictable` and `onEvict` throw, or `onEvict` rejects with, never reaches the call: it goes to `patterns:structures:listener-error`, or once to `process.emitWarning` if nobody listens there.
 * `onEvict` may use the map: it is called when the operation is over, just before that returns.
 *
 * @example
 * const sessions = new LruMap<string, { open: boolean }>({ maxSize: 2, evictable: (session) => !session.open, whenFull: 'refuse' });
 * sessions.set('ann', { open: true }); // true
 * sessions.set('bob', { open: false }); // true
 * sessions.set('eve', { open: true }); // true, and bob is gone
 * sessions.set('joe', { open: true }); // false: nobody may go
 */
export class LruMap<K, V> implements Iterable<readonly [K, V]> {
  readonly #maxSize: number;
  readonly #idleMs: number;
  readonly #whenFull: 'evict' | 'refuse';
  readonly #clock: Clock;
  /** The callbacks as functions of one argument, made once: a callback that fails is warned of once, and known by its identity. */
  readonly #ask: ((question: Question<K, V>) => void) | undefined;
  readonly #tellOne: ((eviction: Eviction<K, V>) => void) | undefined;

  /** Slot of each key. What belongs to a slot is at its index in the arrays below: no object for each entry. */
  #slots = new Map<K, number>();
  #keys: (K | undefined)[] = [];
  #values: (V | undefined)[] = [];
  /** Grows only with an `idleMs`. That of {@link NONE} is never idle. */
  #usedAt: Float64Array = Float64Array.of(Infinity);
  #recency: RecencyList;

  /** Time of the operation under way. */
  #now = 0;
  /** `evictable` is being asked, in the middle of an operation. */
  #asking = false;
  /** Dropped by the operation under way, to be told when it is over. */
  #evictions: Eviction<K, V>[] = [];

  /** @throws {RangeError} if `maxSize` is no positive integer, `idleMs` is negative or no number, or `whenFull` is another word; {TypeError} if a callback is no function, or `clock` no clock */
  constructor({
    maxSize,
    idleMs = Infinity,
    evictable,
    whenFull = 'evict',
    onEvict,
    clock = systemClock,
  }: LruMapOptions<K, V>) {
    if (!(Number.isInteger(maxSize) && maxSize > 0)) {
      throw new RangeError(`maxSize must be a positive integer, got ${String(maxSize)}`);
    }
    checkDuration('idleMs', idleMs);
    checkWhenFull(whenFull);
    checkCallback('evictable', evictable);
    checkCallback('onEvict', onEvict);
    checkClock(clock);
    this.#maxSize = maxSize;
    this.#idleMs = idleMs;
    this.#whenFull = whenFull;
    this.#clock = clock;
    this.#ask =
      evictable &&
      ((question) => {
        question.mayGo = evictable(question.value, question.key);
      });
    // Declared to return nothing, but an `async` one gives a promise, whose rejection is its failure.
    const tell: ((value: V, key: K, reason: EvictionReason) => unknown) | undefined = onEvict;
    this.#tellOne = tell && (({ value, key, reason }) => tell(value, key, reason));
    this.#recency = new RecencyList(maxSize);
  }

  /** Idle entries that are still held included. */
  get size(): number {
    return this.#slots.size;
  }

  /** Counts as use. */
  get(key: K): V | undefined {
    this.#refuseWhileAsking();
    const slot = this.#find(key);
    if (slot !== NONE) this.#touch(slot);
    const value = this.#valueOf(slot);
    this.#tell();
    return value;
  }

  /** Does not count as use. */
  peek(key: K): V | undefined {
    const value = this.#valueOf(this.#find(key));
    this.#tell();
    return value;
  }

  /** Does not count as use. */
  has(key: K): boolean {
    const found = this.#find(key) !== NONE;
    this.#tell();
    return found;
  }

  /** Counts as use. `false`, and nothing stored, if the map is full and refuses. */
  set(key: K, value: V): boolean {
    this.#refuseWhileAsking();
    const slot = this.#find(key);
    const stored = slot === NONE ? this.#insert(key, value) : this.#replace(slot, value);
    this.#tell();
    return stored;
  }

  /** `false` if there was no such entry. */
  delete(key: K): boolean {
    this.#refuseWhileAsking();
    const slot = this.#slots.get(key);
    if (slot !== undefined) this.#remove(key, slot);
    this.#expire(key);
    this.#tell();
    return slot !== undefined;
  }

  /** Drops all, and lets go of the memory. */
  clear(): void {
    this.#refuseWhileAsking();
    this.#slots = new Map();
    this.#keys = [];
    this.#values = [];
    this.#usedAt = Float64Array.of(Infinity);
    this.#recency = new RecencyList(this.#maxSize);
  }

  /**
   * Least recently used first; does not count as use, and drops nothing. Goes through the keys that are there when it begins, with the values of the moment; what has left meanwhile is left out, what has come is too.
   * So the map may be changed, and its entries used, while iterating. O(n) memory for the keys.
   */
  *[Symbol.iterator](): IterableIterator<readonly [K, V]> {
    const keys: K[] = [];
    for (let slot = this.#recency.oldest; slot !== NONE; slot = this.#recency.newerThan(slot)) {
      keys.push(this.#keys[slot] as K);
    }
    for (const key of keys) {
      const slot = this.#slots.get(key);
      if (slot !== undefined) yield [key, this.#values[slot] as V];
    }
  }

  /** Slot of the key after idle entries have been dropped. */
  #find(key: K): number {
    this.#expire(key);
    return this.#slots.get(key) ?? NONE;
  }

  /** Part of every operation: reads the clock, and drops idle entries. */
  #expire(key: K): void {
    if (this.#idleMs === Infinity || this.#asking) return;
    this.#now = this.#clock.now();
    // Nothing is idle if the oldest is not.
    if (this.#isIdle(this.#recency.oldest)) this.#dropIdle(key);
  }

  /** The entry that is asked for first, wherever it stands, so that an idle entry is not handed out; then the oldest. */
  #dropIdle(key: K): void {
    let dropped = 0;
    const own = this.#slots.get(key);
    if (own !== undefined && this.#isIdle(own) && this.#mayGo(own)) {
      this.#evict(own, 'idle');
      dropped++;
    }
    let slot = this.#recency.oldest;
    for (let looked = 0; looked < CANDIDATES && dropped < IDLE_DROPS && this.#isIdle(slot); looked++) {
      const newer = this.#recency.newerThan(slot);
      if (slot !== own && this.#mayGo(slot)) {
        this.#evict(slot, 'idle');
        dropped++;
      }
      slot = newer;
    }
  }

  #insert(key: K, value: V): boolean {
    if (this.#slots.size === this.#maxSize) {
      const victim = this.#victim();
      if (victim === NONE) return false;
      this.#evict(victim, 'size');
    }
    const slot = this.#recency.add();
    this.#slots.set(key, slot);
    this.#keys[slot] = key;
    this.#values[slot] = value;
    if (this.#idleMs !== Infinity) this.#stamp(slot);
    return true;
  }

  #replace(slot: number, value: V): true {
    this.#touch(slot);
    this.#values[slot] = value;
    return true;
  }

  #touch(slot: number): void {
    this.#recency.touch(slot);
    if (this.#idleMs !== Infinity) this.#stamp(slot);
  }

  #stamp(slot: number): void {
    if (slot >= this.#usedAt.length) {
      const grown = new Float64Array(Math.min(this.#usedAt.length * 2, this.#maxSize + 1));
      grown.set(this.#usedAt);
      this.#usedAt = grown;
    }
    this.#usedAt[slot] = this.#now;
  }

  #victim(): number {
    let slot = this.#recency.oldest;
    for (let looked = 0; looked < CANDIDATES && slot !== NONE; looked++) {
      if (this.#mayGo(slot)) return slot;
      slot = this.#recency.newerThan(slot);
    }
    return this.#whenFull === 'evict' ? this.#recency.oldest : NONE;
  }

  #mayGo(slot: number): boolean {
    if (this.#ask === undefined) return true;
    const question: Question<K, V> = { value: this.#values[slot] as V, key: this.#keys[slot] as K, mayGo: false };
    this.#asking = true;
    callListener('structures', undefined, 'evictable', this.#ask, question);
    this.#asking = false;
    return question.mayGo;
  }

  #evict(slot: number, reason: EvictionReason): void {
    const key = this.#keys[slot] as K;
    if (this.#tellOne !== undefined) this.#evictions.push({ value: this.#values[slot] as V, key, reason });
    this.#remove(key, slot);
  }

  #remove(key: K, slot: number): void {
    this.#slots.delete(key);
    this.#recency.remove(slot);
    forget(this.#keys, slot);
    forget(this.#values, slot);
  }

  /**
   * A callback that uses the map starts operations of its own, so the list is taken away first. Where `evictable` looks at the map,
   * the operation that asks it is not over yet, and tells later.
   */
  #tell(): void {
    if (this.#evictions.length === 0 || this.#tellOne === undefined || this.#asking) return;
    const evictions = this.#evictions;
    this.#evictions = [];
    for (const eviction of evictions) callListener('structures', undefined, 'onEvict', this.#tellOne, eviction);
  }

  #isIdle(slot: number): boolean {
    return this.#now - (this.#usedAt[slot] as number) >= this.#idleMs;
  }

  #valueOf(slot: number): V | undefined {
    return slot === NONE ? undefined : this.#values[slot];
  }

  #refuseWhileAsking(): void {
    if (this.#asking) throw new TypeError('evictable must not change or use the map, only peek and has');
  }
}

/** A number keeps nothing alive. With nothing but numbers in it V8 can do without a box for each, 16 bytes. */
function forget(array: unknown[], slot: number): void {
  if (typeof array[slot] !== 'number') array[slot] = undefined;
}

function checkWhenFull(value: unknown): void {
  if (value === 'evict' || value === 'refuse') return;
  throw new RangeError(`whenFull must be 'evict' or 'refuse', got ${String(value)}`);
}
