/** `Headers`, Node's `IncomingHttpHeaders`, or a plain object. */
export type HeaderSource =
  | { get(name: string): string | null | undefined }
  | { readonly [name: string]: string | readonly string[] | undefined };

type PlainHeaders = Readonly<Record<string, unknown>>;

/** By its name in lower case; several of that name are joined, as HTTP has it. Whatever cannot be read counts as absent. */
export function readHeader(headers: HeaderSource, name: string): string | undefined {
  try {
    if (typeof headers.get === 'function') return textOf(headers.get(name));
    const spelled = nameIn(headers, name);
    return spelled === undefined ? undefined : textOf((headers as PlainHeaders)[spelled]);
  } catch {
    return undefined;
  }
}

/** As it is spelled there: Node's own headers are in lower case, an object written by hand need not be. */
export function nameIn(headers: object, name: string): string | undefined {
  if (Object.hasOwn(headers, name)) return name;
  for (const spelled in headers) {
    if (spelled.length === name.length && spelled.toLowerCase() === name) return spelled;
  }
  return undefined;
}

/** Text as it is; nothing else has a place in a header. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return Array.isArray(value) && value.every((part) => typeof part === 'string') ? value.join(',') : undefined;
}
