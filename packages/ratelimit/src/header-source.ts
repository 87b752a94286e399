/** `Headers`, Node's `IncomingHttpHeaders`, or a plain object. */
export type HeaderSource =
  | { get(name: string): string | null | undefined }
  | { readonly [name: string]: string | readonly string[] | undefined };

/** Several lines of one field are one list. A name is found in any case, in plain objects too. */
export function readHeader(headers: HeaderSource | undefined, name: string): string | undefined {
  if (headers === undefined) return undefined;
  if (hasGet(headers)) return headers.get(name) ?? undefined;
  const key = name in headers ? name : Object.keys(headers).find((each) => each.toLowerCase() === name);
  const value = key === undefined ? undefined : headers[key];
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'string' ? value : undefined;
}

function hasGet(headers: HeaderSource): headers is { get(name: string): string | null | undefined } {
  return typeof (headers as { readonly get?: unknown }).get === 'function';
}
