import { baggageName, parseBaggage } from './baggage.ts';
import { checkMs } from './check-option.ts';
import type { CancelableContext, Cancellation } from './context.ts';
import type { ContextKey } from './context-key.ts';
import { withTimeout } from './deadline-context.ts';
import { readHeader, type HeaderSource } from './header-source.ts';
import { decodeTimeout, timeoutHeaderOf, type TimeoutHeader } from './timeout-header.ts';
import { readTraceHeaders, traceHeadersKey } from './trace-headers.ts';
import { withValue } from './value-context.ts';

export interface ExtractOptions {
  readonly parent?: Cancellation | undefined;
  /** A longer time from outside is cut to this; without a header this is the time. @defaultValue Infinity */
  readonly maxTimeoutMs?: number | undefined;
  /** Baggage entries to read, by the name of the key. Others are ignored. */
  readonly keys?: readonly ContextKey<string>[] | undefined;
  /** @defaultValue `'x-request-timeout-ms'` */
  readonly timeoutHeader?: TimeoutHeader | undefined;
}

/**
 * A context with the deadline, values and trace headers of a request. A time of 0 gives one that is done already; the deadline's name is that of its header, or `maxTimeoutMs` where there is none.
 * Hostile or malformed values count as absent: whatever the headers hold, it does not throw. Cancel it or dispose of it when the work is done; {@link fromRequest} does that by itself.
 *
 * @throws {TypeError} for a parent that is none, a `timeoutHeader` that is no name, and a `maxTimeoutMs` that is no number
 * @throws {RangeError} for a negative `maxTimeoutMs` or NaN
 *
 * @example
 * ```ts
 * using ctx = extract(message.headers, { maxTimeoutMs: 30_000, keys: [tenant] });
 * ctx.throwIfDone(); // too late already
 * ```
 */
export function extract(headers: HeaderSource, options?: ExtractOptions): CancelableContext {
  const header = timeoutHeaderOf(options?.timeoutHeader);
  const { maxTimeoutMs = Infinity } = options ?? {};
  checkMs('maxTimeoutMs', maxTimeoutMs);

  const text = readHeader(headers, header);
  const receivedMs = text === undefined ? undefined : decodeTimeout(header, text);
  // The deadline comes last, as it is the one that can be cancelled.
  return withTimeout(withHeaders(headers, options), Math.min(receivedMs ?? Infinity, maxTimeoutMs), {
    name: receivedMs === undefined ? 'maxTimeoutMs' : header,
  });
}

function withHeaders(headers: HeaderSource, options: ExtractOptions | undefined): Cancellation | undefined {
  let ctx = options?.parent;
  const trace = readTraceHeaders(headers);
  if (trace !== undefined) ctx = withValue(ctx, traceHeadersKey(), trace);
  const keys = options?.keys ?? [];
  const baggage = keys.length === 0 ? undefined : readHeader(headers, 'baggage');
  if (baggage === undefined) return ctx;
  const values = parseBaggage(baggage);
  for (const key of keys) {
    const value = values.get(baggageName(key.name) ?? '');
    if (value !== undefined) ctx = withValue(ctx, key, value);
  }
  return ctx;
}
