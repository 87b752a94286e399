import { checkAnswer, checkMs, checkNumber, reportListenerError } from '@patterns/context/internal';
import { classify } from '@patterns/errors';
import type { ResolvedOptions } from './breaker-options.ts';

const firstMs = 5_000;
const longestMs = 60_000;
/** Either way: so that many processes whose breakers opened together do not come back together. */
const jitter = 0.1;

/** What `openMs` says, or else the default. Never throws, whatever the callbacks do. */
export function openTimeMs(options: ResolvedOptions, consecutiveOpens: number, lastError: unknown): number {
  const { openMs, name } = options;
  if (typeof openMs === 'number') return openMs;
  if (openMs === undefined) return defaultMs(options, consecutiveOpens, lastError);
  try {
    const chosenMs = checkAnswer('openMs', openMs(consecutiveOpens, lastError));
    checkMs('the result of openMs', chosenMs);
    return chosenMs;
  } catch (error) {
    reportListenerError('breaker', name, 'openMs', openMs, error);
    return defaultMs(options, consecutiveOpens, lastError);
  }
}

/** Doubles with each time that the trials have failed; or as long as the target asked for, if that is longer. */
function defaultMs(options: ResolvedOptions, consecutiveOpens: number, lastError: unknown): number {
  const plannedMs = Math.min(longestMs, firstMs * 2 ** (consecutiveOpens - 1));
  const jitteredMs = plannedMs * (1 + jitter * (2 * chance(options) - 1));
  return Math.max(jitteredMs, Math.min(classify(lastError).retryAfterMs ?? 0, longestMs));
}

function chance({ random, name }: ResolvedOptions): number {
  try {
    const drawn = checkAnswer('random', random());
    checkNumber('the result of random', drawn, drawn >= 0 && drawn < 1, 'at least 0 and below 1');
    return drawn;
  } catch (error) {
    reportListenerError('breaker', name, 'random', random, error);
    return 0.5;
  }
}
