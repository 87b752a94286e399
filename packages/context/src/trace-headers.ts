import { createKey, type ContextKey } from './context-key.ts';
import { readHeader, type HeaderSource } from './header-source.ts';

/** Carried through as they came: who is on the way has no span of his own to put there. */
export interface TraceHeaders {
  readonly traceparent: string;
  readonly tracestate: string | undefined;
}

const sharedKey: unique symbol = Symbol.for('@patterns/context.trace-headers') as never;

/** One in the process: what one copy of the package extracts, another one may inject. */
export function traceHeadersKey(): ContextKey<TraceHeaders> {
  const shared = globalThis as { [sharedKey]?: ContextKey<TraceHeaders> | undefined };
  return (shared[sharedKey] ??= createKey('trace headers'));
}

/** A `tracestate` without a valid `traceparent` counts as absent, as the standard says. */
export function readTraceHeaders(headers: HeaderSource): TraceHeaders | undefined {
  const traceparent = readHeader(headers, 'traceparent');
  if (traceparent === undefined || !isTraceparent(traceparent)) return undefined;
  const tracestate = readHeader(headers, 'tracestate');
  return { traceparent, tracestate: tracestate !== undefined && isFieldValue(tracestate) ? tracestate : undefined };
}

/** Version ff is invalid, and only versions to come may have more members. @see https://www.w3.org/TR/trace-context/#traceparent-header */
const form = /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}(?:$|(?<!^00.*)-)/;

function isTraceparent(text: string): boolean {
  return form.test(text) && isFieldValue(text);
}

/** What another message takes as a value. */
function isFieldValue(text: string): boolean {
  return text !== '' && text.length <= mostCharacters && /^[\t\x20-\x7e]*$/.test(text);
}

/** More than either is allowed to need, and less than half of what Node takes for all headers. */
const mostCharacters = 8_192;
