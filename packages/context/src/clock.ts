/** Monotonic milliseconds and timers. */
export interface Clock {
  /** From an arbitrary start; never goes back. */
  now(): number;
  /** Calls `fn` once, never early; any delay up to `Infinity` (never). Disposing clears it. */
  setTimeout(fn: () => void, ms: number, options?: TimerOptions): Disposable;
}

export interface TimerOptions {
  /** Holds the process open. @defaultValue true */
  readonly ref?: boolean | undefined;
}
