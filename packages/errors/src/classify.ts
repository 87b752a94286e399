import { isBranded, statement } from './brand.ts';
import { closed, kindOfCode, kindOfGrpcStatus, kindOfName } from './codes.ts';
import { isErrorKind, isRetryableKind, kindOfStatus, type ErrorKind } from './kind.ts';
import { isObject, read, readString } from './read.ts';
import { retryAfterOf } from './retry-after.ts';
import { search } from './walk.ts';

export interface Classification {
  readonly kind: ErrorKind;
  readonly retryable: boolean;
  readonly retryAfterMs?: number | undefined;
}

/**
 * Kind, retryability and delay of any value that was thrown. Never throws.
 *
 * | kind        | retryable | examples |
 * |-------------|-----------|----------|
 * | canceled    | no        | AbortError, ERR_CANCELED, UND_ERR_ABORTED, 499, gRPC 1 |
 * | timeout     | yes       | TimeoutError, DeadlineExceededError and the other timeouts of ours, ETIMEDOUT, UND_ERR_*_TIMEOUT, 408, 504, gRPC 4 |
 * | throttled   | yes       | 429, RateLimitError, ThrottledError, gRPC 8 |
 * | unavailable | yes       | ECONNREFUSED, ENOTFOUND, EHOSTUNREACH, ENETUNREACH, ENOSPC, 502, 503, BreakerOpenError, PoolFullError, BulkheadFullError, LimitExceededError, SQLSTATE 08* and 57P*, gRPC 14 |
 * | transient   | yes       | ECONNRESET, EPIPE, EAI_AGAIN, EAGAIN, EBUSY, EMFILE, ENFILE, UND_ERR_SOCKET, 425, 500 and other 5xx, `transient(err)` of an error that says no more, SQLSTATE 40001 and 40P01, gRPC 10 |
 * | conflict    | no        | 409, 412, EEXIST, gRPC 6 |
 * | auth        | no        | 401, 403, EACCES, EPERM, TLS certificate errors, gRPC 7, 16 |
 * | client      | no        | other 4xx, 501, 505, ENOENT, EINVAL, ENOTDIR, EISDIR, gRPC 3, 5, 9, 11, 12 |
 * | bug         | no        | TypeError (not fetch's), ReferenceError, SyntaxError, RangeError, ERR_INVALID_ARG_* |
 * | unknown     | yes       | everything else, gRPC 2, 13, 15: as in Go, an error is a failure worth another try |
 *
 * - Closed things (PoolClosedError, ChannelClosedError) are `unavailable`, not retryable.
 * - RetryError has the kind of its cause and is not retryable: nested retries must not multiply.
 * - A marker ({@link permanent}, {@link transient}) or an explicit `retryable` (of the class, or a boolean on the error; AWS: `$retryable`) at any depth
 *   wins over the table; the outermost wins over the inner.
 * - The kind is that of the first node of {@link walk} that says something: its class, `code`, `name`, or status. Wrappers, joins, markers and fetch's
 *   TypeError say nothing, so the cause decides.
 * - A status is looked for in `status`, `statusCode`, `response.status`, `response.statusCode` and `$metadata.httpStatusCode` (axios, got, undici, AWS);
 *   a gRPC status is a numeric `code` beside a string `details`.
 * - `retryAfterMs` is that of the first node that has one, else of the `Retry-After` header of its response.
 */
export function classify(err: unknown): Classification {
  const findings: Findings = {
    kind: undefined,
    retryable: undefined,
    isClosed: false,
    isMarkedTransient: false,
    retryAfterMs: undefined,
    headerMs: undefined,
  };
  search(err, examine, findings);
  const kind = findings.kind ?? (findings.isMarkedTransient ? 'transient' : 'unknown');
  const retryable = findings.retryable ?? (isRetryableKind(kind) && !findings.isClosed);
  const retryAfterMs = findings.retryAfterMs ?? findings.headerMs;
  return retryAfterMs === undefined ? { kind, retryable } : { kind, retryable, retryAfterMs };
}

/** `classify(err).retryable` */
export function isRetryable(err: unknown): boolean {
  return classify(err).retryable;
}

/** What is known after some nodes of a walk; what an outer one said stays. */
interface Findings {
  kind: ErrorKind | undefined;
  retryable: boolean | undefined;
  isClosed: boolean;
  isMarkedTransient: boolean;
  retryAfterMs: number | undefined;
  headerMs: number | undefined;
}

/** Never the node that is looked for: an inner one may still state something. */
function examine(node: unknown, findings: Findings): boolean {
  if (!isObject(node)) return false;
  if (findings.kind === undefined) {
    findings.kind = kindOf(node);
    findings.isClosed = closed.has(read(node, 'code')) || closed.has(read(node, 'name'));
  }
  findings.retryable ??= retryableOf(node);
  findings.isMarkedTransient ||= read(node, 'code') === 'ERR_TRANSIENT' && isBranded(node);
  findings.retryAfterMs ??= delayOf(node);
  findings.headerMs ??= retryAfterOf(node);
  return false;
}

/** What one node says of itself, in the order: its class, its code, its name, its status. */
export function kindOf(node: object): ErrorKind | undefined {
  return statedKindOf(node) ?? kindOfOwnWords(node) ?? kindOfStatus(answeredStatusOf(node));
}

/** What the class states, or what a deserialised error was said to be. */
export function statedKindOf(node: object): ErrorKind | undefined {
  const stated = read(read(node, statement), 'kind');
  if (isErrorKind(stated)) return stated;
  if (!isBranded(node)) return undefined;
  const type = read(node, 'constructor');
  const kind = read(type, 'kind');
  return isErrorKind(kind) ? kind : kindOfStatus(read(type, 'http'));
}

/** `code` and `name`. */
function kindOfOwnWords(node: object): ErrorKind | undefined {
  const code = read(node, 'code');
  if (typeof code === 'string') {
    const kind = kindOfCode(code) ?? (code === 'ECONNABORTED' && isAxiosError(node) ? 'timeout' : undefined);
    if (kind !== undefined) return kind;
  } else if (typeof code === 'number' && typeof read(node, 'details') === 'string') {
    const kind = kindOfGrpcStatus(code);
    if (kind !== undefined) return kind;
  }
  const name = readString(node, 'name');
  return name === undefined || isFetchFailure(node, name) ? undefined : kindOfName(name);
}

/** axios says so when its own `timeout` passes, unless asked to clarify. */
function isAxiosError(node: object): boolean {
  return read(node, 'isAxiosError') === true;
}

/** What fetch says when the network failed, in undici, Chromium, Firefox and WebKit; whatever there is to know stands in the cause. */
const fetchFailures: ReadonlySet<unknown> = new Set([
  'fetch failed',
  'terminated',
  'Failed to fetch',
  'network error',
  'NetworkError when attempting to fetch resource.',
  'Load failed',
]);

function isFetchFailure(node: object, name: string): boolean {
  return name === 'TypeError' && fetchFailures.has(read(node, 'message'));
}

/** Status of the answer that the error is about. */
export function answeredStatusOf(node: unknown): number | undefined {
  const response = read(node, 'response');
  return [
    read(node, 'status'),
    read(node, 'statusCode'),
    read(response, 'status'),
    read(response, 'statusCode'),
    read(read(node, '$metadata'), 'httpStatusCode'),
  ].find((status) => kindOfStatus(status) !== undefined) as number | undefined;
}

/** What the error or its class states about another try, against the table or with it. */
export function retryableOf(node: object): boolean | undefined {
  const own = read(node, 'retryable') ?? read(read(node, statement), 'retryable');
  if (typeof own === 'boolean') return own;
  if (isBranded(node)) {
    const stated = read(read(node, 'constructor'), 'retryable');
    if (typeof stated === 'boolean') return stated;
  }
  const aws = read(node, '$retryable');
  return typeof aws === 'boolean' ? aws : isObject(aws) ? true : undefined;
}

/** What a node states itself. */
export function delayOf(node: unknown): number | undefined {
  const delay = read(node, 'retryAfterMs');
  return typeof delay === 'number' && delay >= 0 ? delay : undefined;
}
