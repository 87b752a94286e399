import type { KeyArithmetic } from './key-arithmetic.ts';
import type { LatestTime } from './latest-time.ts';
import { quotaPolicy, type QuotaPolicy } from './quota-policy.ts';
import type { GcraAlgorithm, TokenBucketAlgorithm } from './rate-algorithm.ts';
import { unsigned } from './rounding.ts';

/**
 * One number: when the key is back to full, the theoretical arrival time of the generic cell rate algorithm (ITU-T I.371, annex A). A permit moves
 * it by the interval in which one comes back, and it may be as far ahead as the whole burst takes. A token bucket is the same: its tokens are
 * `burst - (fullAt - now) / interval`.
 */
export class GcraArithmetic implements KeyArithmetic {
  readonly kind: number;
  readonly limit: number;
  readonly policy: QuotaPolicy;
  readonly width: number = 1;
  readonly #intervalMs: number;
  readonly #burstMs: number;
  readonly #windowMs: number;
  /** How far the sum of a burst of intervals may be off, as a share of the time that they are added to; half a step of the number for each. */
  readonly #rounding: number;

  constructor(kind: number, algorithm: GcraAlgorithm | TokenBucketAlgorithm) {
    this.kind = kind;
    // Of nothing per window nothing is ever to be had: no permit is dear, as none is granted.
    this.#intervalMs = intervalOf(algorithm);
    this.#burstMs = this.#intervalMs * algorithm.burst;
    this.limit = this.#intervalMs === 0 ? 0 : unsigned(algorithm.burst);
    this.#windowMs = algorithm.kind === 'gcra' ? algorithm.windowMs : this.#burstMs;
    this.#rounding = (algorithm.burst + 2) * 2 ** -53;
    const promised = unsigned(algorithm.kind === 'gcra' ? algorithm.limit : algorithm.burst);
    this.policy = Object.freeze(quotaPolicy(algorithm.name, promised, this.#windowMs));
  }

  tryTake(cells: Float64Array, at: number, cost: number, time: LatestTime): boolean {
    const { nowMs } = time;
    // `Math.max`, as V8 allocates the number that a conditional chooses.
    const nextMs = Math.max(cells[at] as number, nowMs) + cost * this.#intervalMs;
    const takenMs = nextMs - nowMs;
    if (takenMs > this.#burstMs && takenMs > this.#burstMs + this.#slackMs(nowMs)) return false;
    if (cost > 0) cells[at] = nextMs;
    return true;
  }

  availableAt(cells: Float64Array, at: number, cost: number, time: LatestTime): number {
    return Math.max(cells[at] as number, time.nowMs) + cost * this.#intervalMs - this.#burstMs;
  }

  remaining(cells: Float64Array, at: number, { nowMs }: LatestTime): number {
    const takenMs = (cells[at] as number) - nowMs - this.#slackMs(nowMs);
    return takenMs > 0 ? Math.max(0, this.limit - Math.ceil(takenMs / this.#intervalMs)) : this.limit;
  }

  charge(cells: Float64Array, at: number, cost: number, time: LatestTime): void {
    cells[at] = Math.min(Math.max(cells[at] as number, time.nowMs) + cost * this.#intervalMs, Number.MAX_VALUE);
  }

  /** Back in the past is full. */
  refund(cells: Float64Array, at: number, cost: number): void {
    cells[at] = (cells[at] as number) - cost * this.#intervalMs;
  }

  penalize(cells: Float64Array, at: number, cost: number, { nowMs }: LatestTime): void {
    const costMs = cost * this.#intervalMs;
    const fromMs = Math.max(cells[at] as number, nowMs);
    cells[at] = Math.max(fromMs, Math.min(fromMs + costMs, nowMs + this.#windowMs + this.#burstMs - costMs));
  }

  /** What may be a rounding error: the whole burst is there from the start, and a permit once its time has come. */
  #slackMs(nowMs: number): number {
    return Math.min(Math.max(1e-6, nowMs * this.#rounding), this.#intervalMs / 1024);
  }
}

function intervalOf(algorithm: GcraAlgorithm | TokenBucketAlgorithm): number {
  if (algorithm.kind === 'token-bucket') return 1000 / algorithm.ratePerSecond;
  return algorithm.limit === 0 ? 0 : algorithm.windowMs / algorithm.limit;
}
