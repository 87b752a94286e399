/** No slot: the answer where there is none. Never handed out; in the links it closes the ring. */
export const NONE = 0;

const FIRST_CAPACITY = 16;

/**
 * Slots 1, 2, 3 ... in the order in which they were last used. The links lie in two typed arrays: 8 bytes for each slot, where a list of objects takes 40 and more, and nothing for the garbage collector to follow.
 * Who holds a slot keeps what belongs to it in arrays of his own, at that index. Nothing is checked: touch and remove only slots in use, and add no more than `maxSize`.
 */
export class RecencyList {
  /** Most slots in use at a time. */
  readonly #maxSize: number;
  /** Ring through {@link NONE}: `#newer[NONE]` is the oldest, `#older[NONE]` the newest. */
  #newer: Uint32Array = new Uint32Array(FIRST_CAPACITY);
  #older: Uint32Array = new Uint32Array(FIRST_CAPACITY);
  /** First of the slots that were given back, chained through `#newer`. */
  #free: number = NONE;
  /** The slots up to this one have been handed out at least once. */
  #last: number = NONE;

  constructor(maxSize: number) {
    this.#maxSize = maxSize;
  }

  /** 0 if there is none. */
  get oldest(): number {
    return this.newerThan(NONE);
  }

  /** The next one; 0 after the newest. */
  newerThan(slot: number): number {
    return this.#newer[slot] as number;
  }

  /** A slot that is not in use, now the newest. */
  add(): number {
    let slot = this.#free;
    if (slot === NONE) {
      slot = ++this.#last;
      if (slot === this.#newer.length) this.#grow();
    } else {
      this.#free = this.newerThan(slot);
    }
    this.#linkNewest(slot);
    return slot;
  }

  /** Makes it the newest. */
  touch(slot: number): void {
    if (this.#older[NONE] === slot) return;
    this.#unlink(slot);
    this.#linkNewest(slot);
  }

  remove(slot: number): void {
    this.#unlink(slot);
    this.#newer[slot] = this.#free;
    this.#free = slot;
  }

  #unlink(slot: number): void {
    const newer = this.#newer[slot] as number;
    const older = this.#older[slot] as number;
    this.#newer[older] = newer;
    this.#older[newer] = older;
  }

  #linkNewest(slot: number): void {
    const newest = this.#older[NONE] as number;
    this.#newer[newest] = slot;
    this.#older[slot] = newest;
    this.#newer[slot] = NONE;
    this.#older[NONE] = slot;
  }

  #grow(): void {
    const capacity = Math.min(this.#newer.length * 2, this.#maxSize + 1);
    this.#newer = copyTo(new Uint32Array(capacity), this.#newer);
    this.#older = copyTo(new Uint32Array(capacity), this.#older);
  }
}

function copyTo(target: Uint32Array, source: Uint32Array): Uint32Array {
  target.set(source);
  return target;
}
