import type { CallCounts } from './call-counts.ts';

const failedBit = 1;
const slowBit = 2;

/** The last `size` calls: a ring of one byte each, which grows with the calls, as most windows of most breakers never fill. */
export class CountWindow implements CallCounts {
  calls = 0;
  failures = 0;
  slow = 0;
  readonly #size: number;
  #ring: Uint8Array;
  /** Where the next call goes; when the ring is full the oldest one stands there. */
  #next = 0;

  constructor(size: number) {
    this.#size = size;
    this.#ring = new Uint8Array(Math.min(size, 16));
  }

  add(failed: boolean, slow: boolean): void {
    if (this.calls === this.#size) this.#dropOldest();
    else if (this.#next === this.#ring.length) this.#grow();
    this.#ring[this.#next] = (failed ? failedBit : 0) | (slow ? slowBit : 0);
    if (++this.#next === this.#size) this.#next = 0;
    this.calls++;
    if (failed) this.failures++;
    if (slow) this.slow++;
  }

  advance(): void {
    // Calls do not age.
  }

  #dropOldest(): void {
    const oldest = this.#ring[this.#next] as number;
    this.calls--;
    this.failures -= oldest & failedBit;
    this.slow -= (oldest & slowBit) >> 1;
  }

  /** Before the first time round: nothing has to move. */
  #grow(): void {
    const grown = new Uint8Array(Math.min(this.#ring.length * 2, this.#size));
    grown.set(this.#ring);
    this.#ring = grown;
  }
}
