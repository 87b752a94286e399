/** The one vocabulary of failures, shared by retry, breaker, limiters and problem details. What each means: {@link classify}. */
export type ErrorKind =
  | 'canceled'
  | 'timeout'
  | 'throttled'
  | 'unavailable'
  | 'transient'
  | 'conflict'
  | 'auth'
  | 'client'
  | 'bug'
  | 'unknown';

/** What follows from a kind unless somebody states otherwise. */
const consequences: Readonly<Record<ErrorKind, { readonly retryable: boolean; readonly http: number }>> = {
  canceled: { retryable: false, http: 499 },
  timeout: { retryable: true, http: 504 },
  throttled: { retryable: true, http: 429 },
  unavailable: { retryable: true, http: 503 },
  transient: { retryable: true, http: 503 },
  conflict: { retryable: false, http: 409 },
  auth: { retryable: false, http: 403 },
  client: { retryable: false, http: 400 },
  bug: { retryable: false, http: 500 },
  // As in Go: an error is a failure worth another try, unless it says that it is not.
  unknown: { retryable: true, http: 500 },
};

export function isErrorKind(value: unknown): value is ErrorKind {
  return typeof value === 'string' && Object.hasOwn(consequences, value);
}

export function isRetryableKind(kind: ErrorKind): boolean {
  return consequences[kind].retryable;
}

export function httpOfKind(kind: ErrorKind): number {
  return consequences[kind].http;
}

const statusKinds = new Map<unknown, ErrorKind>([
  [401, 'auth'],
  [403, 'auth'],
  [408, 'timeout'],
  [409, 'conflict'],
  [412, 'conflict'],
  [425, 'transient'],
  [429, 'throttled'],
  [499, 'canceled'],
  [501, 'client'],
  [502, 'unavailable'],
  [503, 'unavailable'],
  [504, 'timeout'],
  [505, 'client'],
]);

/** Kind of an HTTP status; nothing for one that is no failure. */
export function kindOfStatus(status: unknown): ErrorKind | undefined {
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 400 || status > 599) return undefined;
  return statusKinds.get(status) ?? (status < 500 ? 'client' : 'transient');
}
