import { checkFunction } from '@patterns/context/internal';

/** Handle of a value in a heap. */
export interface HeapEntry<T> {
  readonly value: T;
}

/**
 * Priority queue: smallest first, equal ones in the order in which they came.
 *
 * The handle that {@link push} returns removes or moves its value in O(log n), where a plain heap would have to search for it: timers that are cancelled, tasks whose priority changes.
 * Where priorities are a few small integers, one {@link RingBuffer} for each is faster.
 *
 * `compare` must be consistent (a total order) and must not change the heap. What it throws reaches the caller, and the heap is as it was before the call.
 *
 * @example
 * const tasks = new BinaryHeap<{ name: string; priority: number }>((a, b) => b.priority - a.priority);
 * tasks.push({ name: 'report', priority: 1 });
 * const backup = tasks.push({ name: 'backup', priority: 1 });
 * tasks.push({ name: 'alert', priority: 9 });
 * tasks.delete(backup); // true
 * tasks.pop()?.name; // 'alert'
 *
 * @see Williams, Algorithm 232: Heapsort. Communications of the ACM 7(6), 1964
 */
export class BinaryHeap<T> {
  readonly #compare: (a: T, b: T) => number;
  /** No entry comes before its parent, which is at `(index - 1) >> 1`; and `#entries[entry.index] === entry`. */
  #entries: Entry<T>[] = [];
  #pushed = 0;

  /** Negative: `a` comes first. NaN counts as 0, as in `Array.prototype.sort`. */
  constructor(compare: (a: T, b: T) => number) {
    checkFunction('compare', compare);
    this.#compare = compare;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** O(log n). */
  push(value: T): HeapEntry<T> {
    const end = this.#entries.length;
    const entry = new Entry(value, this.#pushed, end);
    const index = this.#rise(entry, end);
    this.#pushed++;
    this.#moveUp(entry, end, index);
    return entry;
  }

  /** O(1). `undefined` when empty. */
  peek(): T | undefined {
    return this.#entries[0]?.value;
  }

  /** O(log n). `undefined` when empty. */
  pop(): T | undefined {
    const first = this.#entries[0];
    if (first !== undefined) this.#removeAt(0);
    return first?.value;
  }

  /** O(log n). `false` if it is no longer in the heap. */
  delete(entry: HeapEntry<T>): boolean {
    if (!this.#holds(entry)) return false;
    this.#removeAt(entry.index);
    return true;
  }

  /** Restores the order after `entry.value` has changed its place. O(log n). Among equal ones it keeps its age. Does nothing if it is no longer in the heap. */
  update(entry: HeapEntry<T>): void {
    if (this.#holds(entry)) this.#settle(entry, entry.index, this.#entries.length);
  }

  clear(): void {
    this.#entries = [];
  }

  /** Handles of other heaps and of values that have left are told apart by identity: an index may have been taken over. */
  #holds(entry: HeapEntry<T>): entry is Entry<T> {
    return entry instanceof Entry && this.#entries[entry.index] === entry;
  }

  #removeAt(index: number): void {
    const end = this.#entries.length - 1;
    const last = this.#at(end);
    if (index < end) this.#settle(last, index, end);
    this.#entries.pop();
  }

  /**
   * Puts `entry` where it belongs, given that what is at `index` leaves, in a heap of the first `size` entries.
   * All comparing is done before anything moves, so that a `compare` that throws does no harm.
   */
  #settle(entry: Entry<T>, index: number, size: number): void {
    const above = this.#rise(entry, index);
    if (above < index) this.#moveUp(entry, index, above);
    else this.#moveDown(entry, index, this.#sink(entry, index, size));
  }

  /** Where `entry` would come to rest, rising from `index`. */
  #rise(entry: Entry<T>, index: number): number {
    let free = index;
    while (free > 0) {
      const parent = (free - 1) >> 1;
      if (!this.#before(entry, this.#at(parent))) break;
      free = parent;
    }
    return free;
  }

  /**
   * Where `entry` would come to rest, sinking from `index`: down to the end along the smaller children, then back up. It comes from the end of the heap and mostly belongs there again,
   * so that this takes about half the comparisons of asking on the way down.
   * @see Wegener, Bottom-up heapsort. Theoretical Computer Science 118(1), 1993
   */
  #sink(entry: Entry<T>, index: number, size: number): number {
    let free = index;
    for (let child = 2 * free + 1; child < size; child = 2 * free + 1) {
      if (child + 1 < size && this.#before(this.#at(child + 1), this.#at(child))) child++;
      free = child;
    }
    while (free > index && this.#before(entry, this.#at(free))) free = (free - 1) >> 1;
    return free;
  }

  /** Each on the way from `index` up to `top` takes the place below it. */
  #moveUp(entry: Entry<T>, index: number, top: number): void {
    let free = index;
    while (free > top) {
      const parent = (free - 1) >> 1;
      this.#put(this.#at(parent), free);
      free = parent;
    }
    this.#put(entry, top);
  }

  /** Each on the way from `index` down to `bottom` takes the place above it. The way is found from its lower end, since a place has only one parent. */
  #moveDown(entry: Entry<T>, index: number, bottom: number): void {
    let moving = entry;
    for (let free = bottom; free > index; free = (free - 1) >> 1) {
      const displaced = this.#at(free);
      this.#put(moving, free);
      moving = displaced;
    }
    this.#put(moving, index);
  }

  #put(entry: Entry<T>, index: number): void {
    this.#entries[index] = entry;
    entry.index = index;
  }

  #at(index: number): Entry<T> {
    return this.#entries[index] as Entry<T>;
  }

  #before(a: Entry<T>, b: Entry<T>): boolean {
    const order = this.#compare(a.value, b.value);
    return order < 0 || (!(order > 0) && a.age < b.age);
  }
}

class Entry<T> implements HeapEntry<T> {
  /** @internal Keeps V8 from forgetting the shape: docs/decisions/0010. */
  static readonly specimen: object = /* @__PURE__ */ new Entry(undefined, 0, 0);

  readonly value: T;
  /** How many were pushed before it: makes the heap stable. */
  readonly age: number;
  index: number;

  constructor(value: T, age: number, index: number) {
    this.value = value;
    this.age = age;
    this.index = index;
  }
}
