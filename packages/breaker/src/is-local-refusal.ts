import { isRemote, PatternError, unwrap } from '@patterns/errors';

/** Of what our policies refuse before the target is asked. */
const refusals: ReadonlySet<unknown> = new Set([
  'ERR_RATE_LIMITED',
  'ERR_THROTTLED',
  'ERR_LIMIT_EXCEEDED',
  'ERR_BULKHEAD_FULL',
  'ERR_POOL_FULL',
  'ERR_POOL_CLOSED',
  'ERR_NESTED_WAIT',
  'ERR_BREAKER_OPEN',
]);

/** More wrappers than anybody needs. */
const deepest = 32;

/**
 * A refusal of a policy in this process, also where it has been wrapped. Of several errors (joined, or of several attempts at once) all have
 * to be, as any other one came from the target. Never throws: what cannot be read is none.
 */
export function isLocalRefusal(error: unknown): boolean {
  try {
    return isRefused(error, deepest, undefined);
  } catch {
    // A getter.
    return false;
  }
}

/** @param known of errors that have been asked, which may be part of many; one that is part of itself is none */
function isRefused(error: unknown, depth: number, known: Map<object, boolean> | undefined): boolean {
  if (typeof error !== 'object' || error === null || depth === 0) return false;
  const answer = known?.get(error);
  if (answer !== undefined) return answer;
  if (isRefusal(error)) return true;
  const parts = partsOf(error);
  if (parts.length === 0) return false;
  known = (known ?? new Map<object, boolean>()).set(error, false);
  // No `every`, which skips holes.
  for (const part of parts) if (!isRefused(part, depth - 1, known)) return false;
  known.set(error, true);
  return true;
}

/** The code first, as few errors have one of these. Made elsewhere: what was refused there is what the target did. */
function isRefusal(error: object): boolean {
  const { code } = error as { readonly code?: unknown };
  return (refusals.has(code) || isFutileWait(error, code)) && error instanceof PatternError && !isRemote(error);
}

/** In the queue of a pool, or for a resource of which all are in use: with a cause, none could be made. */
function isFutileWait(error: object, code: unknown): boolean {
  const { phase, cause } = error as { readonly phase?: unknown; readonly cause?: unknown };
  return code === 'ERR_TASK_TIMEOUT' ? phase === 'queue' : code === 'ERR_ACQUIRE_TIMEOUT' && cause === undefined;
}

/** What it wraps, or else all that it joins. */
function partsOf(error: object): readonly unknown[] {
  const cause = unwrap(error);
  if (cause !== undefined) return [cause];
  const { errors } = error as { readonly errors?: unknown };
  return Array.isArray(errors) ? errors : [];
}
