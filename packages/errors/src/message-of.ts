import { isObject, read, readString } from './read.ts';

/** What a thrown value says, whatever it is. Objects that have no message are not shown: they may hold anything. */
export function messageOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'function') return `function ${readString(value, 'name') ?? ''}`.trimEnd();
  if (!isObject(value)) return String(value);
  const message = readString(value, 'message');
  if (message !== undefined) return message;
  const type = readString(read(value, 'constructor'), 'name');
  return `[object ${type === undefined || type === '' ? 'Object' : type}]`;
}
