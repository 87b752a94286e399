import { toContext, type ExecuteOptions, type Operation, type Policy } from '@patterns/context';
import { callListener } from '@patterns/context/internal';
import { refusedChannel, type RefusedEvent } from './diagnostics.ts';
import { PoolRefusedError } from './pool-refused-error.ts';

export interface PoolOptions {
  /** Names the instance in errors, events and messages. */
  readonly name?: string | undefined;
  /** Calls that may run at the same time: an integer from 0, which refuses all, to `Infinity`, which refuses none. @defaultValue 10 */
  readonly maxRunning?: number | undefined;
  /** Told of each refusal. What it throws does not reach the call. */
  readonly onRefused?: ((event: RefusedEvent) => void) | undefined;
}

/**
 * Runs at most `maxRunning` calls at the same time and refuses the others at once: there is no queue, no timer, and nothing to close.
 * A call costs O(1) time; an instance holds one number.
 *
 * @example
 * ```ts
 * const policy = new Pool({ maxRunning: 2 });
 * const page = await policy.execute((ctx) => fetch('https://example.com/', { signal: ctx.signal }));
 * ```
 */
export class Pool implements Policy {
  readonly name: string | undefined;
  readonly kind = 'pool' as const;
  readonly #maxRunning: number;
  readonly #onRefused: ((event: RefusedEvent) => void) | undefined;
  #running = 0;

  /**
   * @throws {RangeError} if `maxRunning` is out of range
   * @throws {TypeError} if an option has the wrong type
   */
  constructor({ name, maxRunning = 10, onRefused }: PoolOptions = {}) {
    checkMaxRunning(maxRunning);
    if (onRefused !== undefined && typeof onRefused !== 'function') {
      throw new TypeError(`onRefused must be a function, got ${typeof onRefused}`);
    }
    this.name = name;
    this.#maxRunning = maxRunning;
    this.#onRefused = onRefused;
  }

  /** Calls that run at this moment. */
  get running(): number {
    return this.#running;
  }

  /**
   * Ends as `operation` does. A running operation hears of the end of `signal` through its context, and is awaited.
   *
   * @throws {PoolRefusedError} as a rejection, with zero calls, if `maxRunning` calls run already
   * @throws the reason of `signal`, as a rejection with zero calls, if that has ended before
   */
  async execute<T>(operation: Operation<T>, options?: ExecuteOptions): Promise<T> {
    const ctx = toContext(options?.signal);
    ctx.throwIfDone();
    if (this.#running >= this.#maxRunning) throw this.#refuse();
    this.#running += 1;
    try {
      return await operation(ctx);
    } finally {
      this.#running -= 1;
    }
  }

  /** The same function under the policy. It gets no context: use {@link execute} where it must hear of a caller who gave up. */
  wrap<This, A extends unknown[], T>(
    fn: (this: This, ...args: A) => T | PromiseLike<T>,
  ): (this: This, ...args: A) => Promise<T> {
    const execute = (operation: Operation<T>): Promise<T> => this.execute(operation);
    return function (...args) {
      return execute(() => fn.apply(this, args));
    };
  }

  #refuse(): PoolRefusedError {
    const listener = this.#onRefused;
    if (listener !== undefined || refusedChannel.hasSubscribers) {
      const event: RefusedEvent = { name: this.name, running: this.#running };
      if (refusedChannel.hasSubscribers) refusedChannel.publish(event);
      if (listener !== undefined) callListener('pool', this.name, 'onRefused', listener, event);
    }
    return new PoolRefusedError(this.#maxRunning, { policy: this.name });
  }
}

function checkMaxRunning(value: unknown): void {
  if (typeof value !== 'number') throw new TypeError(`maxRunning must be a number, got ${typeof value}`);
  if (value === Infinity || (Number.isInteger(value) && value >= 0)) return;
  throw new RangeError(`maxRunning must be an integer of at least 0, or Infinity, got ${value}`);
}
