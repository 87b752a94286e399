import { nameIn, textOf } from './header-source.ts';

/** `Headers`, an outgoing Node message, or a plain object. */
export type HeaderTarget =
  | { set(name: string, value: string): void }
  | { setHeader(name: string, value: string): unknown }
  | { [name: string]: string | readonly string[] | undefined };

/** What is there already. */
export function headerIn(target: HeaderTarget, name: string): string | undefined {
  if (isHeaders(target)) return textOf(target.get?.(name));
  if (isMessage(target)) return textOf(target.getHeader?.(name));
  const spelled = nameIn(target, name);
  return spelled === undefined ? undefined : textOf((target as PlainHeaders)[spelled]);
}

export function writeHeader(target: HeaderTarget, name: string, value: string): void {
  if (isHeaders(target)) target.set(name, value);
  else if (isMessage(target)) target.setHeader(name, value);
  // Under its own spelling, or there would be two of them on the wire.
  else (target as PlainHeaders)[nameIn(target, name) ?? name] = value;
}

/** Leaves an empty one where it cannot be removed: from what can only `set`, or from the prototype of an object. */
export function removeHeader(target: HeaderTarget, name: string): void {
  if (isHeaders(target)) target.delete?.(name);
  else if (isMessage(target)) target.removeHeader?.(name);
  else Reflect.deleteProperty(target, nameIn(target, name) ?? name);
  if (headerIn(target, name) !== undefined) writeHeader(target, name, '');
}

type PlainHeaders = Record<string, unknown>;

function isHeaders(target: object): target is {
  set(name: string, value: string): void;
  get?(name: string): unknown;
  delete?(name: string): unknown;
} {
  return typeof (target as { readonly set?: unknown }).set === 'function';
}

function isMessage(target: object): target is {
  setHeader(name: string, value: string): unknown;
  getHeader?(name: string): unknown;
  removeHeader?(name: string): unknown;
} {
  return typeof (target as { readonly setHeader?: unknown }).setHeader === 'function';
}
