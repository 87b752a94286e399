/** Slots that were taken by one call. */
export interface Call {
  readonly atMs: number;
  readonly permits: number;
  readonly slots: number[];
}

/** A leaky bucket that writes down every slot. */
export class NaiveSlots {
  intervalMs: number;
  readonly #slackMs: () => number;
  readonly #calls: Call[] = [];
  /** The first that is free, where all slots of a call were given back. */
  #freeMs: number | undefined;
  #hasBegun = false;

  constructor(ratePerSecond: number, slack: number) {
    this.intervalMs = 1_000 / ratePerSecond;
    this.#slackMs = () => slack * this.intervalMs;
  }

  get nextMs(): number {
    const last = this.#last?.slots.at(-1);
    return this.#freeMs ?? (last === undefined ? -Infinity : last + this.intervalMs);
  }

  take(permits: number, nowMs: number): Call {
    const atMs = Math.max(this.nextMs, nowMs);
    const call: Call = { atMs, permits, slots: [] };
    if (permits === 0) return call;
    const fromMs = Math.max(this.nextMs, this.#hasBegun ? atMs - this.#slackMs() : atMs);
    this.#hasBegun = true;
    this.#calls.push(call);
    this.#freeMs = undefined;
    for (let n = 0; n < permits; n++) call.slots.push(fromMs + n * this.intervalMs);
    return call;
  }

  /** Only the last slots of all can be taken once more; where more was used than taken, not behind those who have gone. */
  giveBack(call: Call, permits: number): void {
    if (call !== this.#last || (this.#freeMs !== undefined && call.slots.length > call.permits)) return;
    const [freeMs] = call.slots.splice(call.slots.length - permits);
    const isEmpty = call.slots.length === 0;
    this.#freeMs = isEmpty ? freeMs : undefined;
    if (isEmpty) this.#calls.pop();
  }

  /** Behind whatever is taken. */
  charge(permits: number, nowMs: number): void {
    const last = this.#last;
    if (last === undefined || this.#freeMs !== undefined || this.nextMs <= nowMs) this.take(permits, nowMs);
    else for (let n = 0; n < permits; n++) last.slots.push(this.nextMs);
  }

  update(ratePerSecond: number): void {
    this.intervalMs = 1_000 / ratePerSecond;
  }

  get #last(): Call | undefined {
    return this.#calls.at(-1);
  }
}
