import type { RateAlgorithm } from '@patterns/ratelimit';

export interface NaiveAnswer {
  readonly allowed: boolean;
  readonly remaining: number;
  readonly retryAfterMs: number;
}

interface Permit {
  /** When it counts as taken. */
  atMs: number;
}

/**
 * One key, as slow as can be: it remembers every permit, looks for the moment of the next one millisecond by millisecond, and counts in tokens where
 * the limiter counts in time. For whole milliseconds, and intervals of whole milliseconds.
 */
export class NaiveKey {
  readonly #algorithm: RateAlgorithm;
  #latestMs = -Infinity;
  #permits: Permit[] = [];
  #tokens: number;
  #tokensAtMs = 0;
  #blockedUntilMs = -Infinity;

  constructor(algorithm: RateAlgorithm) {
    this.#algorithm = algorithm;
    this.#tokens = this.limit;
  }

  get limit(): number {
    return 'burst' in this.#algorithm ? this.#algorithm.burst : this.#algorithm.limit;
  }

  advance(clockMs: number): void {
    this.#latestMs = Math.max(this.#latestMs, clockMs);
  }

  check(cost: number): NaiveAnswer {
    const answer = this.peek(cost);
    if (!answer.allowed) return answer;
    this.charge(cost);
    return { ...answer, remaining: this.#remaining(this.#latestMs) };
  }

  /** Of what is there before anything is taken. */
  peek(cost: number): NaiveAnswer {
    const nowMs = this.#latestMs;
    const isFree = (atMs: number): boolean => atMs >= this.#blockedUntilMs && this.#left(atMs) >= cost;
    let atMs = nowMs;
    if (cost > this.limit) atMs = Infinity;
    else while (!isFree(atMs)) atMs += 1;
    const remaining = nowMs >= this.#blockedUntilMs ? this.#remaining(nowMs) : 0;
    return { allowed: atMs === nowMs, remaining, retryAfterMs: atMs - nowMs };
  }

  charge(cost: number): void {
    const nowMs = this.#latestMs;
    this.#tokens = this.#tokensAt(nowMs) - cost;
    this.#tokensAtMs = nowMs;
    if (this.#algorithm.kind === 'fixed-window' && !this.#isOpen(nowMs)) this.#permits = [];
    for (let n = 0; n < cost; n++) this.#permits.push({ atMs: nowMs });
    if (this.#algorithm.kind === 'sliding-log') this.#boundMoments(nowMs);
  }

  refund(cost: number): void {
    const nowMs = this.#latestMs;
    this.#tokens = Math.min(this.limit, this.#tokensAt(nowMs) + cost);
    this.#tokensAtMs = nowMs;
    for (let n = 0; n < cost && this.#counted(this.#permits.at(-1), nowMs); n++) this.#permits.pop();
  }

  block(durationMs: number): void {
    const untilMs = this.#latestMs + durationMs;
    this.#blockedUntilMs = durationMs === 0 ? -Infinity : Math.max(this.#blockedUntilMs, untilMs);
  }

  /** A log knows `limit + 1` moments: the permits of the oldest one beyond count as those of the next. */
  #boundMoments(nowMs: number): void {
    const counted = this.#permits.filter((permit) => this.#counted(permit, nowMs));
    for (;;) {
      const moments = [...new Set(counted.map((permit) => permit.atMs))];
      if (moments.length <= this.limit + 1) return;
      const [oldest, next = NaN] = moments;
      for (const permit of counted) if (permit.atMs === oldest) permit.atMs = next;
    }
  }

  #remaining(atMs: number): number {
    return Math.max(0, Math.floor(this.#left(atMs) + 1e-9));
  }

  #left(atMs: number): number {
    switch (this.#algorithm.kind) {
      case 'gcra':
      case 'token-bucket':
        return this.#tokensAt(atMs) + 1e-9;
      case 'fixed-window':
        return this.limit - (this.#isOpen(atMs) ? this.#permits.length : 0);
      case 'sliding-log':
        return this.limit - this.#permits.filter((permit) => this.#counted(permit, atMs)).length;
      case 'sliding-counter': {
        const index = Math.floor(atMs / this.#windowMs);
        const share = index + 1 - atMs / this.#windowMs;
        const inWindow = (n: number): number =>
          this.#permits.filter((permit) => Math.floor(permit.atMs / this.#windowMs) === n).length;
        return this.limit - inWindow(index) - share * inWindow(index - 1) + 1e-9;
      }
    }
  }

  get #windowMs(): number {
    return 'windowMs' in this.#algorithm ? this.#algorithm.windowMs : 0;
  }

  #tokensAt(atMs: number): number {
    const algorithm = this.#algorithm;
    const perMs =
      algorithm.kind === 'token-bucket' ? algorithm.ratePerSecond / 1000 : algorithm.limit / algorithm.windowMs;
    return Math.min(this.limit, this.#tokens + Math.max(0, atMs - this.#tokensAtMs) * perMs);
  }

  #isOpen(atMs: number): boolean {
    const [first] = this.#permits;
    return first !== undefined && atMs < first.atMs + this.#windowMs;
  }

  /** Whether the permit still takes a place then. */
  #counted(permit: Permit | undefined, atMs: number): boolean {
    if (permit === undefined) return false;
    if (this.#algorithm.kind === 'fixed-window') return this.#isOpen(atMs);
    if (this.#algorithm.kind === 'sliding-log') return permit.atMs + this.#windowMs > atMs;
    if (this.#algorithm.kind === 'sliding-counter') {
      return Math.floor(permit.atMs / this.#windowMs) >= Math.floor(atMs / this.#windowMs) - 1;
    }
    return false;
  }
}
