/** Times are sums and differences of fractions of a millisecond: what differs by less than this is equal. */
export const toleranceMs = 0.0005;
