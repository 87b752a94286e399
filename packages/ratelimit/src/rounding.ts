/**
 * Whether a moment has come. One that is less than a billionth of a second ahead has: sums of fractions round, and whoever waits exactly as
 * long as it was told must not be refused for it. Where the clock's numbers are so large that their own steps are coarser (`Date.now()`), two of
 * these steps.
 */
export function isDue(dueMs: number, nowMs: number): boolean {
  if (dueMs <= nowMs) return true;
  const aheadMs = dueMs - nowMs;
  return aheadMs <= 1e-6 || aheadMs <= nowMs * 2 ** -51;
}

/** 0 for -0, which is in the range of every rate, and by which whatever is divided lies before everything else. */
export function unsigned(value: number): number {
  return value + 0;
}

/** Whole permits in what may be a rounding error short of them. */
export function wholePermits(permits: number): number {
  return permits > 0 ? Math.floor(permits + 1e-9) : 0;
}

/** Whole, if it is but a rounding error away from that. */
export function rounded(permits: number): number {
  const whole = Math.round(permits);
  return Math.abs(permits - whole) < 1e-9 ? whole : permits;
}
