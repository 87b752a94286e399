import { addToBaggage, baggageName } from './baggage.ts';
import { checkNumber } from './check-option.ts';
import type { Context } from './context.ts';
import type { ContextKey } from './context-key.ts';
import { DeadlineExceededError } from './deadline-exceeded-error.ts';
import { headerIn, removeHeader, writeHeader, type HeaderTarget } from './header-target.ts';
import { shown } from './shown.ts';
import { encodeTimeout, timeoutHeaderOf, type TimeoutHeader } from './timeout-header.ts';
import { isContext } from './to-context.ts';
import { traceHeadersKey } from './trace-headers.ts';

export interface InjectOptions {
  /** @defaultValue `'x-request-timeout-ms'` */
  readonly timeoutHeader?: TimeoutHeader | undefined;
  /** Safety margin taken off the time sent, for the way there and back. @defaultValue 0 */
  readonly marginMs?: number | undefined;
}

/**
 * Writes the time left, rounded down but at least 1 ms, and nothing without a deadline; the values of `keys` as W3C baggage (percent-encoded; at most 180 entries, 4 096 bytes each and 8 192 in all: what goes
 * beyond is left out; entries that `headers` has already stay, unless they have the name of a key); `traceparent` and `tracestate` as {@link extract} found them, unless `headers` has them. Returns `headers`.
 *
 * @throws the cause when done, and a {@link DeadlineExceededError} when no more than `marginMs` is left: the call would be too late before it begins
 * @throws {TypeError} for what is no context, for headers that cannot be written to, for a value that is no string, and for a margin that is no number
 * @throws {RangeError} for a margin that is negative or not finite
 *
 * @example
 * ```ts
 * const response = await fetch(url, { headers: inject(ctx, new Headers(), [tenant], { marginMs: 5 }), signal: ctx.signal });
 * ```
 */
export function inject<H extends HeaderTarget>(
  ctx: Context,
  headers: H,
  keys: readonly ContextKey<string>[] = [],
  options?: InjectOptions,
): H {
  if (!isContext(ctx)) throw new TypeError('ctx must be a Context: a bare signal has no time left to tell');
  if (typeof headers !== 'object' || (headers as unknown) === null || Array.isArray(headers)) {
    throw new TypeError('headers must be Headers, an outgoing message or a plain object');
  }
  const timeoutHeader = timeoutHeaderOf(options?.timeoutHeader);
  const { marginMs = 0 } = options ?? {};
  checkNumber('marginMs', marginMs, marginMs >= 0 && marginMs < Infinity, 'at least 0 and finite');

  ctx.throwIfDone();
  const remainingMs = ctx.remaining();
  if (remainingMs <= marginMs) throw tooLate(remainingMs, marginMs);
  const baggage = baggageOf(ctx, keys, headers);

  // From here on nothing of ours throws: half a set of headers would be worse than none.
  if (remainingMs < Infinity) writeHeader(headers, timeoutHeader, encodeTimeout(timeoutHeader, remainingMs - marginMs));
  if (baggage === '') removeHeader(headers, 'baggage');
  else if (baggage !== undefined) writeHeader(headers, 'baggage', baggage);
  injectTrace(ctx, headers);
  return headers;
}

function tooLate(remainingMs: number, marginMs: number): DeadlineExceededError {
  const left = `${Math.floor(remainingMs)} ms left`;
  return new DeadlineExceededError(
    `deadline exceeded before the call: ${marginMs === 0 ? left : `${left}, margin ${marginMs} ms`}`,
  );
}

function baggageOf(ctx: Context, keys: readonly ContextKey<string>[], headers: HeaderTarget): string | undefined {
  if (keys.length === 0) return undefined;
  const values = new Map<string, string>();
  for (const key of keys) {
    const value: unknown = ctx.value(key);
    if (value === undefined) continue;
    if (typeof value !== 'string')
      throw new TypeError(`value of key '${key.name}' must be a string, got ${shown(value)}`);
    const name = baggageName(key.name);
    if (name !== undefined) values.set(name, value);
  }
  return values.size === 0 ? undefined : addToBaggage(headerIn(headers, 'baggage'), values);
}

/** The two belong together: whoever set a `traceparent` of his own has no use for our `tracestate`. */
function injectTrace(ctx: Context, headers: HeaderTarget): void {
  const trace = ctx.value(traceHeadersKey());
  if (trace === undefined || headerIn(headers, 'traceparent') !== undefined) return;
  writeHeader(headers, 'traceparent', trace.traceparent);
  if (trace.tracestate !== undefined && headerIn(headers, 'tracestate') === undefined) {
    writeHeader(headers, 'tracestate', trace.tracestate);
  }
}
