import { readHeader, type HeaderSource } from '@patterns/context/internal';

/** What a server says is left, and in which time. */
export interface QuotaLeft {
  readonly remaining: number;
  readonly resetMs: number;
}

/**
 * The tightest of what the fields say, or `undefined` without any that can be understood. Reads `RateLimit` (draft 8 to 10: `"name";r=50;t=30`;
 * draft 7: `limit=10, remaining=5, reset=3`), `RateLimit-Remaining` with `RateLimit-Reset` (draft 6), and `X-RateLimit-*`, whose reset is either
 * seconds or an epoch. A response from a cache says nothing of now.
 *
 * @see draft-ietf-httpapi-ratelimit-headers
 */
export function readQuotaLeft(headers: HeaderSource | undefined): QuotaLeft | undefined {
  if (headers === undefined) return undefined;
  if (Number(readHeader(headers, 'age') ?? 0) > 0) return undefined;
  const field = readHeader(headers, 'ratelimit');
  if (field !== undefined) return tightest(parseField(field));
  for (const prefix of ['ratelimit', 'x-ratelimit']) {
    const left = quotaLeft(readHeader(headers, `${prefix}-remaining`), readHeader(headers, `${prefix}-reset`));
    if (left !== undefined) return left;
  }
  return undefined;
}

function parseField(field: string): readonly (QuotaLeft | undefined)[] {
  // The strings may hold whatever else has a meaning here.
  const text = field.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  if (/\bremaining=/.test(text)) {
    return [quotaLeft(valueOf(/\bremaining=([^,;]*)/, text), valueOf(/\breset=([^,;]*)/, text))];
  }
  // A list of strings with parameters.
  return text.split(',').map((item) => quotaLeft(valueOf(/;\s*r=([^;]*)/, item), valueOf(/;\s*t=([^;]*)/, item)));
}

function valueOf(parameter: RegExp, text: string): string | undefined {
  return parameter.exec(text)?.[1];
}

function quotaLeft(remaining: string | undefined, reset: string | undefined): QuotaLeft | undefined {
  if (!isWhole(remaining) || !isWhole(reset)) return undefined;
  const seconds = Number(reset);
  // Nobody's window is 30 years long: an epoch.
  const resetMs = seconds < 1e9 ? seconds * 1000 : seconds * 1000 - Date.now();
  return resetMs > 0 ? { remaining: Number(remaining), resetMs } : undefined;
}

function isWhole(text: string | undefined): text is string {
  return text !== undefined && /^\s*\d{1,15}\s*$/.test(text);
}

function tightest(all: readonly (QuotaLeft | undefined)[]): QuotaLeft | undefined {
  return all.reduce((one, other) => {
    if (one === undefined || other === undefined) return one ?? other;
    return other.remaining / other.resetMs < one.remaining / one.resetMs ? other : one;
  }, undefined);
}
