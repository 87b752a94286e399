/**
 * What is promised: `limit` permits per `windowMs`, as in the field `RateLimit-Policy`. For `TokenBucket` and `LeakyBucket`: burst or capacity,
 * and the time in which that comes back.
 */
export interface QuotaPolicy {
  /** Of the algorithm or the limiter, else `'default'`. */
  readonly name: string;
  readonly limit: number;
  readonly windowMs: number;
}

export function quotaPolicy(name: string | undefined, limit: number, windowMs: number): QuotaPolicy {
  return { name: name ?? 'default', limit, windowMs };
}
