const bucketMs = 500;
/** How much the newest bucket weighs. */
const smoothing = 0.8;

/** Permits per second that were admitted, from buckets of half a second. */
export class AdmittedRate {
  #perSecond: number | undefined;
  #bucket: number;
  #count = 0;
  /** What was lent for later buckets. */
  #lent: Map<number, number> | undefined;

  constructor(nowMs: number) {
    this.#bucket = bucketOf(nowMs);
  }

  count(permits: number, nowMs: number): void {
    this.#close(nowMs);
    this.#count += permits;
  }

  /** When their time has come. */
  countLater(permits: number, atMs: number): void {
    const bucket = bucketOf(atMs);
    if (bucket <= this.#bucket) {
      this.#count += permits;
      return;
    }
    this.#lent ??= new Map();
    this.#lent.set(bucket, (this.#lent.get(bucket) ?? 0) + permits);
  }

  /** Before the first bucket is full, as if it were. */
  at(nowMs: number): number {
    this.#close(nowMs);
    return this.#perSecond ?? this.#count / (bucketMs / 1000);
  }

  #close(nowMs: number): void {
    const bucket = bucketOf(nowMs);
    if (bucket <= this.#bucket) return;
    if (this.#lent !== undefined) this.#admitLent(this.#lent, bucket);
    if (bucket > this.#bucket) this.#begin(bucket);
  }

  /** Until that bucket, as if somebody had asked in each of them. */
  #admitLent(lent: Map<number, number>, last: number): void {
    for (const bucket of [...lent.keys()].filter((bucket) => bucket <= last).sort((one, other) => one - other)) {
      this.#begin(bucket);
      this.#count += lent.get(bucket) ?? 0;
      lent.delete(bucket);
    }
  }

  #begin(bucket: number): void {
    const perSecond = this.#count / (((bucket - this.#bucket) * bucketMs) / 1000);
    this.#perSecond = perSecond * smoothing + (this.#perSecond ?? 0) * (1 - smoothing);
    this.#count = 0;
    this.#bucket = bucket;
  }
}

function bucketOf(atMs: number): number {
  return Math.floor(atMs / bucketMs);
}
