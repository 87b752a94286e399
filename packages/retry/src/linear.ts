import type { Backoff } from './backoff.ts';
import { checkFiniteMs } from './check-option.ts';

export interface LinearOptions {
  /** The first delay. @defaultValue 100 */
  readonly initialMs?: number | undefined;
  /** What each further one adds. @defaultValue `initialMs` */
  readonly stepMs?: number | undefined;
  /** Upper bound of every delay, the first included. @defaultValue 30_000 */
  readonly maxMs?: number | undefined;
}

/**
 * Delays that grow by the same step: `min(maxMs, initialMs + n * stepMs)`, n from 0. Without jitter; add {@link jittered}.
 *
 * @throws {RangeError} for an option that is negative or not finite
 */
export function linear({ initialMs = 100, stepMs = initialMs, maxMs = 30_000 }: LinearOptions = {}): Backoff {
  checkFiniteMs('initialMs', initialMs);
  checkFiniteMs('stepMs', stepMs);
  checkFiniteMs('maxMs', maxMs);
  return {
    maxMs,
    *delays() {
      for (let n = 0; ; n++) yield Math.min(maxMs, initialMs + n * stepMs);
    },
  };
}
