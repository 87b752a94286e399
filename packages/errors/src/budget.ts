/** Room for the braces, the type, the version and the mark of truncation of one node. */
const nodeSize = 80;

/** Bytes of JSON text that may still be written, or read. */
export class Budget {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  get left(): number {
    return this.#left;
  }

  /** Takes nothing if it is not all there. */
  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }

  takeNode(): boolean {
    return this.take(nodeSize);
  }

  takeScalar(value: number | boolean | null): boolean {
    return this.take(String(value).length);
  }

  takeText(text: string): boolean {
    return this.take(sizeOf(text, this.#left));
  }

  /** A key with its quotes and colon, and the comma after its value. */
  takeKey(key: string): boolean {
    return this.take(sizeOf(key, this.#left) + 2);
  }
}

/** Size of a text as JSON in UTF-8; counted no further than `limit`, so a long text costs no more than what is left for it. */
export function sizeOf(text: string, limit: number): number {
  let size = 2;
  for (let i = 0; i < text.length && size <= limit; i++) size += sizeOfUnit(text.charCodeAt(i));
  return size;
}

/** The longest beginning that fits into `bytes`. */
export function cut(text: string, bytes: number): string {
  let size = 2;
  for (let i = 0; i < text.length; i++) {
    size += sizeOfUnit(text.charCodeAt(i));
    if (size > bytes) return text.slice(0, i);
  }
  return text;
}

/** Halves of surrogate pairs count as if they stood alone, and were escaped. */
function sizeOfUnit(unit: number): number {
  if (unit < 0x20) return 6;
  if (unit === 0x22 || unit === 0x5c) return 2;
  if (unit < 0x80) return 1;
  if (unit < 0x800) return 2;
  return unit >= 0xd800 && unit <= 0xdfff ? 6 : 3;
}
