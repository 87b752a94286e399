import type { Decision } from './decision.ts';

/** What middleware and the conformance suite ask of keyed limiters, local or remote. `cost` is 1 by default. */
export interface LimitStore {
  /** Takes `cost` and says how it went. A cost above the limit: refused with `retryAfterMs: Infinity`. */
  check(key: string, cost?: number): Decision | Promise<Decision>;
  /** What {@link check} would say; takes nothing. */
  peek(key: string, cost?: number): Decision | Promise<Decision>;
  /** Takes even below zero: what is owed must first come back with time. Windows and logs forget it with their window. */
  charge(key: string, cost?: number): void | Promise<void>;
  /** Gives back, at most up to full. */
  refund(key: string, cost?: number): void | Promise<void>;
  /** Refuses the key for `durationMs`, whatever its state. A longer block stays; 0 ends it. */
  block(key: string, durationMs: number): void | Promise<void>;
  /** Forgets state and block: the key is full again. */
  reset(key: string): void | Promise<void>;
}
