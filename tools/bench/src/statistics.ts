/** The middle and the extremes of the rounds of a run. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** @throws {RangeError} for an empty list */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  if (upper === undefined || lower === undefined) throw new RangeError('the median of nothing');
  return (lower + upper) / 2;
}

/** @throws {RangeError} for an empty list */
export function summarize(values: readonly number[]): Summary {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/**
 * The ratio of two contenders in each round. A machine that slows down between two rounds slows down both, so that their ratio stays what
 * it was; the ratio of the two medians would not.
 *
 * @throws {RangeError} if they did not run in the same rounds
 */
export function pairedRatios(values: readonly number[], references: readonly number[]): number[] {
  if (values.length !== references.length) throw new RangeError('paired ratios need the same rounds');
  return values.map((value, round) => value / (references[round] ?? NaN));
}
