export interface RingBufferOptions {
  /** Most values it holds. @defaultValue Infinity */
  readonly capacity?: number | undefined;
}

/** A power of two, so that positions wrap with a mask. */
const SMALLEST = 16;

/**
 * Double-ended queue in one array, doubled when it is full. O(1) at both ends (amortised) and by index.
 *
 * Unlike `Array.shift`, taking from the front moves nothing, and unlike a linked list, a value costs one array slot and no object.
 * Once only a quarter of the array is in use it is halved, so that a burst does not hold its memory for ever.
 *
 * @example
 * const lastLines = new RingBuffer<string>({ capacity: 2 });
 * for (const line of ['a', 'b', 'c']) {
 *   if (lastLines.length === lastLines.capacity) lastLines.popFront();
 *   lastLines.pushBack(line);
 * }
 * [...lastLines]; // ['b', 'c']
 *
 * @see Knuth, The Art of Computer Programming, volume 1, section 2.2.2
 */
export class RingBuffer<T> implements Iterable<T> {
  readonly capacity: number;
  /** Its length is a power of two. What is not in use is empty or `undefined`, so that nothing is kept alive. */
  #slots: (T | undefined)[] = emptySlots(SMALLEST);
  /** Slot of the front value. */
  #head = 0;
  #length = 0;

  /** @throws {RangeError} if `capacity` is no positive integer or `Infinity` */
  constructor({ capacity = Infinity }: RingBufferOptions = {}) {
    if (capacity !== Infinity && !(Number.isInteger(capacity) && capacity > 0)) {
      throw new RangeError(`capacity must be a positive integer or Infinity, got ${String(capacity)}`);
    }
    this.capacity = capacity;
  }

  get length(): number {
    return this.#length;
  }

  /** `false`, and nothing added, at `capacity`. */
  pushBack(value: T): boolean {
    if (this.#length === this.capacity) return false;
    if (this.#length === this.#slots.length) this.#resize(this.#length * 2);
    this.#slots[(this.#head + this.#length) & (this.#slots.length - 1)] = value;
    this.#length++;
    return true;
  }

  /** {@link pushBack}, at the other end. */
  pushFront(value: T): boolean {
    if (this.#length === this.capacity) return false;
    if (this.#length === this.#slots.length) this.#resize(this.#length * 2);
    this.#head = (this.#head - 1) & (this.#slots.length - 1);
    this.#slots[this.#head] = value;
    this.#length++;
    return true;
  }

  /** `undefined` when empty; where `undefined` may be a value, ask {@link length} first. The slot is cleared. */
  popFront(): T | undefined {
    if (this.#length === 0) return undefined;
    const value = this.#slots[this.#head];
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    this.#length--;
    this.#shrink();
    return value;
  }

  /** {@link popFront}, at the other end. */
  popBack(): T | undefined {
    if (this.#length === 0) return undefined;
    this.#length--;
    const last = (this.#head + this.#length) & (this.#slots.length - 1);
    const value = this.#slots[last];
    this.#slots[last] = undefined;
    this.#shrink();
    return value;
  }

  /** From the front, 0-based; negative counts from the back. `undefined` outside, as `Array.prototype.at`. */
  at(index: number): T | undefined {
    // NaN counts as 0 and fractions are cut, as arrays do it.
    const whole = Math.trunc(index) || 0;
    const offset = whole < 0 ? whole + this.#length : whole;
    if (offset < 0 || offset >= this.#length) return undefined;
    return this.#slots[(this.#head + offset) & (this.#slots.length - 1)];
  }

  /** Empties it and lets go of its memory. */
  clear(): void {
    this.#slots = emptySlots(SMALLEST);
    this.#head = 0;
    this.#length = 0;
  }

  /**
   * Front to back. Changes made while iterating show: it goes by index, as with arrays, so that taking a value from the front moves the rest one place up, and adding at the back makes it longer.
   */
  *[Symbol.iterator](): IterableIterator<T> {
    for (let index = 0; index < this.#length; index++) yield this.at(index) as T;
  }

  /** At a quarter rather than at half: a queue that swings around one length would otherwise be copied again and again. */
  #shrink(): void {
    if (this.#slots.length > SMALLEST && this.#length * 4 <= this.#slots.length) this.#resize(this.#slots.length / 2);
  }

  #resize(size: number): void {
    const slots = emptySlots<T>(size);
    const mask = this.#slots.length - 1;
    for (let index = 0; index < this.#length; index++) slots[index] = this.#slots[(this.#head + index) & mask];
    this.#slots = slots;
    this.#head = 0;
  }
}

/** Written to once, so that V8 takes it for an array of anything from the start: one of integers would be converted when the first other value comes, all of it, after each resize. */
function emptySlots<T>(size: number): (T | undefined)[] {
  const slots = new Array<T | undefined>(size);
  slots[0] = undefined;
  return slots;
}
