import { RecencyList } from '@patterns/structures';
import { empty, type KeyArithmetic } from './key-arithmetic.ts';
import type { LatestTime } from './latest-time.ts';
import { isDue } from './rounding.ts';

/** No slot. */
export const none = 0;

/** How many of the least recently used keys are looked at. A bound, so that keys that are missed cannot make a call slow. */
const candidates = 8;
const firstCapacity = 16;

/**
 * The numbers of each key, for as many keys as allowed. When a key has to go it is one that is back to full, if there is one among the least
 * recently used: forgetting it changes nothing.
 *
 * A key has a slot, and what belongs to it lies at that index in arrays: 56 bytes for a million keys with one number each, of which 29 are the
 * `Map`. Measured against the alternatives with 100 000 keys: an `LruMap` of slots is as fast for keys that it holds, but takes 11 bytes more,
 * and twice as long for a new key in place of an old one, as it asks a callback for each candidate. A `Map` of boxed numbers in order of use
 * (delete, set again) takes twice as long, and much longer when its first key has to be found among thousands that were deleted.
 * Two maps, of which the older is dropped as a whole, cost least for new keys, but do not know who was used least recently.
 */
export class KeyTable {
  readonly #maxKeys: number;
  readonly #slots = new Map<string, number>();
  readonly #keys: string[] = [''];
  readonly #recency: RecencyList;
  #capacity = firstCapacity;
  /** How many keys that were not back to full have been forgotten for others. */
  lost: number = 0;

  /** Numbers of each slot in {@link #shared}. Grows when an algorithm needs more. */
  #width: number;
  #shared: Float64Array;
  /** All slots have the same algorithm, and it shares: nothing is to be looked at before. */
  readonly #isUniform: boolean;
  /** Arrays of those whose algorithm does not share. */
  readonly #own: (Float64Array | undefined)[] = [];
  /** Algorithm of each slot, where there is more than one. */
  #kinds: Uint8Array | undefined;
  /** End of the block, of slots that are blocked or have been. */
  readonly #blocks = new Map<number, number>();

  /** @param only the algorithm of all slots, where they do not differ */
  constructor(maxKeys: number, only: KeyArithmetic | undefined) {
    this.#maxKeys = maxKeys;
    this.#recency = new RecencyList(maxKeys);
    if (only === undefined) this.#kinds = new Uint8Array(firstCapacity);
    this.#isUniform = only !== undefined && only.width > 0;
    this.#width = Math.max(1, only?.width ?? 1);
    this.#shared = new Float64Array(firstCapacity * this.#width);
    this.#clear(none);
  }

  get size(): number {
    return this.#slots.size;
  }

  /** Counts as use. {@link none} if it is not remembered. */
  find(key: string): number {
    const slot = this.#slots.get(key);
    if (slot === undefined) return none;
    this.#recency.touch(slot);
    return slot;
  }

  /** For a key that is not remembered. */
  add(key: string, nowMs: number): number {
    if (this.#slots.size === this.#maxKeys) this.#makeRoom(nowMs);
    const slot = this.#recency.add();
    if (slot >= this.#capacity) this.#resize(Math.min(this.#capacity * 2, this.#maxKeys + 1), this.#width);
    this.#slots.set(key, slot);
    this.#keys[slot] = key;
    this.#clear(slot);
    return slot;
  }

  delete(key: string): void {
    const slot = this.#slots.get(key);
    if (slot !== undefined) this.#forget(key, slot);
  }

  /** Where the numbers of the slot are: the array, and by {@link indexOf} the place in it. What another algorithm left there is cleared. */
  cellsOf(slot: number, arithmetic: KeyArithmetic): Float64Array {
    return this.#isUniform ? this.#shared : this.#cellsAmongOthers(slot, arithmetic);
  }

  indexOf(slot: number, arithmetic: KeyArithmetic): number {
    return this.#isUniform || arithmetic.width > 0 ? slot * this.#width : 0;
  }

  isBlocked(slot: number, { nowMs }: LatestTime): boolean {
    if (this.#blocks.size === 0) return false;
    const untilMs = this.#blocks.get(slot);
    if (untilMs === undefined) return false;
    if (!isDue(untilMs, nowMs)) return true;
    this.#blocks.delete(slot);
    return false;
  }

  /** {@link empty} if it is not blocked. */
  blockedUntil(slot: number): number {
    return this.#blocks.size === 0 ? empty : (this.#blocks.get(slot) ?? empty);
  }

  /** Until then, or until the end of the block that there is, if that is later; {@link empty} ends it. */
  block(slot: number, untilMs: number): void {
    if (untilMs === empty) this.#blocks.delete(slot);
    else if (untilMs > this.blockedUntil(slot)) this.#blocks.set(slot, untilMs);
  }

  #cellsAmongOthers(slot: number, arithmetic: KeyArithmetic): Float64Array {
    if (arithmetic.width > this.#width) this.#resize(this.#capacity, arithmetic.width);
    const kinds = this.#kinds;
    if (kinds !== undefined && kinds[slot] !== arithmetic.kind) {
      this.#clear(slot);
      kinds[slot] = arithmetic.kind;
    }
    const own = arithmetic.withRoom?.(this.#own[slot]);
    return own === undefined ? this.#shared : (this.#own[slot] = own);
  }

  #makeRoom(nowMs: number): void {
    let victim = this.#recency.oldest;
    let slot = victim;
    for (let looked = 0; looked < candidates && slot !== none; looked++) {
      if (this.#isFull(slot, nowMs)) {
        victim = slot;
        break;
      }
      slot = this.#recency.newerThan(slot);
    }
    if (!this.#isFull(victim, nowMs)) this.lost++;
    this.#forget(this.#keys[victim] as string, victim);
  }

  #isFull(slot: number, nowMs: number): boolean {
    const own = this.#own[slot];
    const fullAtMs = (own === undefined ? this.#shared[slot * this.#width] : own[0]) as number;
    return isDue(fullAtMs, nowMs) && isDue(this.blockedUntil(slot), nowMs);
  }

  #forget(key: string, slot: number): void {
    this.#slots.delete(key);
    this.#recency.remove(slot);
    this.#keys[slot] = '';
    this.#blocks.delete(slot);
    if (this.#own.length > slot) this.#own[slot] = undefined;
  }

  #clear(slot: number): void {
    const at = slot * this.#width;
    this.#shared[at] = empty;
    for (let n = 1; n < this.#width; n++) this.#shared[at + n] = 0;
    if (this.#own.length > slot) this.#own[slot] = undefined;
  }

  #resize(capacity: number, width: number): void {
    const shared = new Float64Array(capacity * width);
    if (width === this.#width) {
      shared.set(this.#shared);
    } else {
      for (let slot = none; slot < this.#capacity; slot++) {
        const at = slot * this.#width;
        shared.set(this.#shared.subarray(at, at + this.#width), slot * width);
      }
    }
    if (this.#kinds !== undefined && capacity > this.#capacity) {
      const kinds = new Uint8Array(capacity);
      kinds.set(this.#kinds);
      this.#kinds = kinds;
    }
    this.#shared = shared;
    this.#capacity = capacity;
    this.#width = width;
  }
}
