export interface TimeHeapItem {
  /** Where the heap keeps it; -1 while it is in none. Only the heap writes it. */
  heapIndex: number;
}

/**
 * A 4-ary min-heap by time, then by order of insertion. Items know their index, so that one can leave from anywhere in O(log n), usually O(1).
 * Times lie in an array of their own: V8 stores that as plain doubles, so that a comparison follows no pointer.
 */
export class TimeHeap<T extends TimeHeapItem> {
  readonly #items: T[] = [];
  readonly #times: number[] = [];
  readonly #ranks: number[] = [];
  #nextRank = 0;

  get size(): number {
    return this.#items.length;
  }

  get first(): T | undefined {
    return this.#items[0];
  }

  /** `Infinity` when empty. */
  get firstTime(): number {
    return this.#items.length === 0 ? Infinity : (this.#times[0] as number);
  }

  push(item: T, time: number): void {
    this.#siftUp(this.#items.length, item, time, this.#nextRank++);
  }

  /** Does nothing if it is not in the heap. */
  delete(item: T): void {
    const index = item.heapIndex;
    if (index === -1) return;
    item.heapIndex = -1;
    const last = this.#items.pop() as T;
    const time = this.#times.pop() as number;
    const rank = this.#ranks.pop() as number;
    if (last === item) {
      if (this.#items.length === 0) this.#nextRank = 0;
      return;
    }
    // The last item fills the gap, and moves whichever way it has to.
    if (index > 0 && this.#precedes(time, rank, (index - 1) >> 2)) this.#siftUp(index, last, time, rank);
    else this.#siftDown(index, last, time, rank);
  }

  #precedes(time: number, rank: number, index: number): boolean {
    const other = this.#times[index] as number;
    return time < other || (time === other && rank < (this.#ranks[index] as number));
  }

  #siftUp(from: number, item: T, time: number, rank: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 2;
      if (!this.#precedes(time, rank, parent)) break;
      this.#move(parent, index);
      index = parent;
    }
    this.#place(index, item, time, rank);
  }

  #siftDown(from: number, item: T, time: number, rank: number): void {
    const size = this.#items.length;
    let index = from;
    for (;;) {
      const firstChild = index * 4 + 1;
      if (firstChild >= size) break;
      let least = firstChild;
      const end = Math.min(firstChild + 4, size);
      for (let child = firstChild + 1; child < end; child++) {
        if (this.#precedes(this.#times[child] as number, this.#ranks[child] as number, least)) least = child;
      }
      if (this.#precedes(time, rank, least)) break;
      this.#move(least, index);
      index = least;
    }
    this.#place(index, item, time, rank);
  }

  #move(from: number, to: number): void {
    this.#place(to, this.#items[from] as T, this.#times[from] as number, this.#ranks[from] as number);
  }

  #place(index: number, item: T, time: number, rank: number): void {
    this.#items[index] = item;
    this.#times[index] = time;
    this.#ranks[index] = rank;
    item.heapIndex = index;
  }
}
