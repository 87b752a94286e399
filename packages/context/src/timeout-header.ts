/** A relative duration, immune to clock skew: ours in milliseconds, gRPC's (1 to 8 digits and a unit `H M S m u n`), Envoy's in milliseconds, or any other header in milliseconds. */
export type TimeoutHeader = 'x-request-timeout-ms' | 'grpc-timeout' | 'x-envoy-expected-rq-timeout-ms' | (string & {});

const defaultTimeoutHeader: TimeoutHeader = 'x-request-timeout-ms';

/** As a token of RFC 9110, in lower case. @throws {TypeError} naming the option */
export function timeoutHeaderOf(header: TimeoutHeader | undefined): string {
  if (header === undefined) return defaultTimeoutHeader;
  if (typeof header !== 'string' || !token.test(header)) {
    throw new TypeError(`timeoutHeader must be the name of a header, got ${JSON.stringify(header)}`);
  }
  return header.toLowerCase();
}

const token = /^[\w!#$%&'*+.^`|~-]+$/;

/** Never more than there is: rounded down, but at least the least that can be said in milliseconds, as 0 would mean that it is too late. */
export function encodeTimeout(header: string, ms: number): string {
  return header === 'grpc-timeout' ? encodeGrpc(ms) : digits(ms, Number.MAX_SAFE_INTEGER);
}

/** Undefined for what is no such duration. */
export function decodeTimeout(header: string, text: string): number | undefined {
  if (header === 'grpc-timeout') return decodeGrpc(text);
  if (!/^\d{1,16}$/.test(text)) return undefined;
  const ms = Number(text);
  return Number.isSafeInteger(ms) ? ms : undefined;
}

/** From the finest that is written here to the coarsest. */
const grpcUnits = [
  ['m', 1],
  ['S', 1_000],
  ['M', 60_000],
  ['H', 3_600_000],
] as const;

const msPerGrpcUnit: ReadonlyMap<string, number> = new Map([...grpcUnits, ['u', 1e-3], ['n', 1e-6]]);

/** The protocol allows 8 digits. */
const mostOfGrpc = 99_999_999;

/** @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md */
function encodeGrpc(ms: number): string {
  for (const [unit, unitMs] of grpcUnits) {
    if (ms / unitMs < mostOfGrpc + 1) return digits(ms / unitMs, mostOfGrpc) + unit;
  }
  return `${mostOfGrpc}H`;
}

function decodeGrpc(text: string): number | undefined {
  if (!/^\d{1,8}[HMSmun]$/.test(text)) return undefined;
  return Number(text.slice(0, -1)) * (msPerGrpcUnit.get(text.slice(-1)) as number);
}

/** Never in the form `1e+21`. */
function digits(value: number, most: number): string {
  return String(Math.min(Math.max(1, Math.floor(value)), most));
}
