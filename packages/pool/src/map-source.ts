import { checkType, whenSettled } from '@patterns/context/internal';

export type MapSource<T> = Iterable<T | PromiseLike<T>> | AsyncIterable<T>;

/** Reads a source of either kind, one item at a time, and closes it at most once. */
export class MapSourceReader<T> {
  readonly #source: MapSource<T>;
  #iterator: Iterator<T | PromiseLike<T>> | AsyncIterator<T> | undefined = undefined;
  #isAsync = false;
  /** Reading it runs nobody's code, and takes no time to speak of. */
  readonly isArray: boolean;
  /** An item is on its way. */
  isBusy = false;
  /** It has ended by itself, or has failed: there is nothing to close. */
  isExhausted = false;
  #closing: Promise<void> | undefined = undefined;

  constructor(source: MapSource<T>) {
    // Whatever callers without types may pass.
    const { [Symbol.iterator]: sync, [Symbol.asyncIterator]: async } = Object(source) as Partial<
      Iterable<T> & AsyncIterable<T>
    >;
    checkType('source', source, typeof sync === 'function' || typeof async === 'function', 'iterable');
    this.#source = source;
    this.isArray = Array.isArray(source);
  }

  /** One of the three is called, at once or later. */
  read(
    onItem: (item: T | PromiseLike<T>, isLate: boolean) => void,
    onEnd: () => void,
    onError: (error: unknown) => void,
  ): void {
    let next: IteratorResult<T | PromiseLike<T>> | PromiseLike<IteratorResult<T>>;
    try {
      next = (this.#iterator ??= this.#open()).next();
    } catch (error) {
      this.isExhausted = true;
      onError(error);
      return;
    }
    if (!this.#isAsync) {
      this.#pass(next as IteratorResult<T | PromiseLike<T>>, false, onItem, onEnd, onError);
      return;
    }
    this.isBusy = true;
    void whenSettled(
      next,
      (result) => {
        this.isBusy = false;
        this.#pass(result, true, onItem, onEnd, onError);
      },
      (error: unknown) => {
        this.isBusy = false;
        this.isExhausted = true;
        onError(error);
      },
    );
  }

  /** Waits for the source to say that it is closed. Rejects if that fails. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  /** Closes without waiting, and whatever that comes to. */
  abandon(): void {
    this.close().catch(() => undefined);
  }

  async #close(): Promise<void> {
    if (this.isExhausted || this.#iterator === undefined) return;
    this.isExhausted = true;
    await this.#iterator.return?.();
  }

  #open(): Iterator<T | PromiseLike<T>> | AsyncIterator<T> {
    const source = this.#source as Partial<Iterable<T | PromiseLike<T>> & AsyncIterable<T>>;
    const iterator = source[Symbol.asyncIterator]?.();
    this.#isAsync = iterator !== undefined;
    return iterator ?? (source as Iterable<T | PromiseLike<T>>)[Symbol.iterator]();
  }

  #pass(
    result: IteratorResult<T | PromiseLike<T>>,
    isLate: boolean,
    onItem: (item: T | PromiseLike<T>, isLate: boolean) => void,
    onEnd: () => void,
    onError: (error: unknown) => void,
  ): void {
    let item: T | PromiseLike<T>;
    try {
      // Getters, in theory.
      if (result.done === true) {
        this.isExhausted = true;
        onEnd();
        return;
      }
      item = result.value;
    } catch (error) {
      this.isExhausted = true;
      onError(error);
      return;
    }
    onItem(item, isLate);
  }
}
