const bucketMs = 500;
/** How much the newest bucket weighs. */
const smoothing = 0.8;

/** Permits per second that were admitted, from buckets of half a second. */
export class AdmittedRate {
  #perSecond: number | undefined;
  #bucket: number;
  #count = 0;

  constructor(nowMs: number) {
    this.#bucket = Math.floor(nowMs / bucketMs);
  }

  count(permits: number, nowMs: number): void {
    this.#close(nowMs);
    this.#count += permits;
  }

  /** Before the first bucket is full, as if it were. */
  at(nowMs: number): number {
    this.#close(nowMs);
    return this.#perSecond ?? this.#count / (bucketMs / 1000);
  }

  #close(nowMs: number): void {
    const bucket = Math.floor(nowMs / bucketMs);
    if (bucket <= this.#bucket) return;
    const perSecond = this.#count / (((bucket - this.#bucket) * bucketMs) / 1000);
    this.#perSecond = perSecond * smoothing + (this.#perSecond ?? 0) * (1 - smoothing);
    this.#count = 0;
    this.#bucket = bucket;
  }
}
