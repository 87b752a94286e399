import type { ErrorKind } from './kind.ts';

const codesByKind: Readonly<Partial<Record<ErrorKind, readonly string[]>>> = {
  canceled: ['ABORT_ERR', 'ERR_CANCELED', 'UND_ERR_ABORTED'],
  timeout: ['ETIMEDOUT', 'ERR_DEADLINE_EXCEEDED', 'ERR_TIMEOUT', 'ERR_TASK_TIMEOUT', 'ERR_ACQUIRE_TIMEOUT'],
  throttled: ['ERR_RATE_LIMITED', 'ERR_THROTTLED'],
  unavailable: [
    'ECONNREFUSED',
    'ENOTFOUND',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'ENOSPC',
    'ERR_BREAKER_OPEN',
    'ERR_POOL_FULL',
    'ERR_BULKHEAD_FULL',
    'ERR_LIMIT_EXCEEDED',
    'ERR_POOL_CLOSED',
    'ERR_CHANNEL_CLOSED',
  ],
  transient: [
    'ECONNRESET',
    'EPIPE',
    'EAI_AGAIN',
    'EAGAIN',
    'EBUSY',
    'EMFILE',
    'ENFILE',
    'UND_ERR_SOCKET',
    // SQLSTATE: serialization failure, deadlock
    '40001',
    '40P01',
  ],
  conflict: ['EEXIST'],
  auth: [
    'EACCES',
    'EPERM',
    // A certificate that OpenSSL or Node does not accept: https://nodejs.org/api/tls.html#x509-certificate-error-codes
    'CERT_CHAIN_TOO_LONG',
    'CERT_HAS_EXPIRED',
    'CERT_NOT_YET_VALID',
    'CERT_REJECTED',
    'CERT_REVOKED',
    'CERT_SIGNATURE_FAILURE',
    'CERT_UNTRUSTED',
    'CRL_HAS_EXPIRED',
    'CRL_NOT_YET_VALID',
    'CRL_SIGNATURE_FAILURE',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'ERROR_IN_CERT_NOT_AFTER_FIELD',
    'ERROR_IN_CERT_NOT_BEFORE_FIELD',
    'ERROR_IN_CRL_LAST_UPDATE_FIELD',
    'ERROR_IN_CRL_NEXT_UPDATE_FIELD',
    'ERR_TLS_CERT_ALTNAME_FORMAT',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'HOSTNAME_MISMATCH',
    'INVALID_CA',
    'INVALID_PURPOSE',
    'PATH_LENGTH_EXCEEDED',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY',
    'UNABLE_TO_DECRYPT_CERT_SIGNATURE',
    'UNABLE_TO_DECRYPT_CRL_SIGNATURE',
    'UNABLE_TO_GET_CRL',
    'UNABLE_TO_GET_ISSUER_CERT',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  ],
  client: ['ENOENT', 'EINVAL', 'ENOTDIR', 'EISDIR'],
};

const kinds = new Map<string, ErrorKind>(
  Object.entries(codesByKind).flatMap(([kind, codes]) => codes.map((code) => [code, kind as ErrorKind] as const)),
);

const families: readonly (readonly [RegExp, ErrorKind])[] = [
  [/^UND_ERR_.*_TIMEOUT$/, 'timeout'],
  [/^ERR_INVALID_ARG_/, 'bug'],
  // SQLSTATE: connection exception, operator intervention
  [/^(08[0-9A-Z]{3}|57P[0-9A-Z]{2})$/, 'unavailable'],
];

/** What a `code` says: of the system (errno), Node, undici, a database (SQLSTATE), or ours. */
export function kindOfCode(code: string): ErrorKind | undefined {
  return kinds.get(code) ?? families.find(([pattern]) => pattern.test(code))?.[1];
}

/** Codes and names of what is closed for good: the only failures of their kind that another try does not mend. */
export const closed: ReadonlySet<unknown> = new Set([
  'ERR_POOL_CLOSED',
  'ERR_CHANNEL_CLOSED',
  'PoolClosedError',
  'ChannelClosedError',
]);

const names = new Map<string, ErrorKind>([
  ['AbortError', 'canceled'],
  ['TimeoutError', 'timeout'],
  ['TypeError', 'bug'],
  ['ReferenceError', 'bug'],
  ['SyntaxError', 'bug'],
  ['RangeError', 'bug'],
  // Ours, and what others call the same.
  ['DeadlineExceededError', 'timeout'],
  ['RateLimitError', 'throttled'],
  ['ThrottledError', 'throttled'],
  ['BreakerOpenError', 'unavailable'],
  ['PoolFullError', 'unavailable'],
  ['PoolClosedError', 'unavailable'],
  ['BulkheadFullError', 'unavailable'],
  ['LimitExceededError', 'unavailable'],
  ['ChannelClosedError', 'unavailable'],
]);

export function kindOfName(name: string): ErrorKind | undefined {
  return names.get(name);
}

/** Status codes of gRPC: https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
const grpcKinds: readonly (ErrorKind | undefined)[] = [
  undefined, // OK
  'canceled',
  'unknown',
  'client', // INVALID_ARGUMENT
  'timeout',
  'client', // NOT_FOUND
  'conflict', // ALREADY_EXISTS
  'auth', // PERMISSION_DENIED
  'throttled', // RESOURCE_EXHAUSTED
  'client', // FAILED_PRECONDITION
  'transient', // ABORTED
  'client', // OUT_OF_RANGE
  'client', // UNIMPLEMENTED
  'unknown', // INTERNAL
  'unavailable',
  'unknown', // DATA_LOSS
  'auth', // UNAUTHENTICATED
];

export function kindOfGrpcStatus(code: number): ErrorKind | undefined {
  return grpcKinds[code];
}
