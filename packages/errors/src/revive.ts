import { defineHidden } from './brand.ts';
import { retryableOf, statedKindOf } from './classify.ts';
import { standardErrors, type ErrorType } from './error-type.ts';
import { DeserializeError } from './deserialize-error.ts';
import { JoinedError } from './join.ts';
import { kindOfStatus } from './kind.ts';
import { MarkedError } from './mark.ts';
import { PermanentError, TransientError } from './markers.ts';
import { OpaqueError } from './opaque.ts';
import { PatternError, restoreStack, setHeader, suppressStack } from './pattern-error.ts';
import { isClassEntry, registry, type Registered } from './registry.ts';
import { RemoteError, state, type Words } from './remote-error.ts';
import { memberNames } from './serialized-error.ts';
import { WrappedError } from './wrap.ts';

/** Ours need no registration; but another class may have taken the code. */
const builtIn: ReadonlyMap<string, Registered> = new Map<string, Registered>(
  [WrappedError, JoinedError, PermanentError, TransientError, MarkedError, OpaqueError, DeserializeError].map(
    (type) => [type.code, type as Registered],
  ),
);

/** What may be brought back, by code. */
export type Known = (code: string) => Registered | undefined;

export function knownOf(list: Iterable<Registered> | undefined): Known {
  if (list === undefined) return (code) => builtIn.get(code) ?? registry.get(code);
  const listed = new Map([...list].map((entry) => [entry.code, entry]));
  return (code) => builtIn.get(code) ?? listed.get(code);
}

export interface Revived {
  readonly error: Error;
  /** A sentinel is what it is: nothing is set on it. */
  readonly isShared: boolean;
}

/** The error that these words are about, without its cause and its errors. No constructor of its class is run. */
export function revive(words: Words, message: string, stack: string | undefined, known: Known): Revived {
  const { code, name } = words;
  const entry = typeof code === 'string' ? known(code) : undefined;
  if (entry !== undefined && !isClassEntry(entry)) return { error: entry, isShared: true };
  const type = entry ?? standardErrors.get(name) ?? (name === 'PatternError' ? PatternError : RemoteError);
  const error = instantiate(type, message);
  if (error instanceof JoinedError) Object.freeze(error.errors);
  if (type === RemoteError) describeRemote(error, words);
  else describe(error, words, known);
  if (stack === undefined) setHeader(error);
  else defineHidden(error, 'stack', stack);
  return { error, isShared: false };
}

/** Native, with the prototype of the class: `Error` itself makes it, and only asks `type` for its prototype. */
function instantiate(type: ErrorType, message: string): Error {
  const limit = suppressStack();
  try {
    const [base, args] = isAggregate(type) ? [AggregateError, [[], message]] : [Error, [message]];
    return Reflect.construct(base, args, type) as Error;
  } finally {
    restoreStack(limit);
  }
}

export function isAggregate(type: ErrorType): boolean {
  return type === AggregateError || Object.prototype.isPrototypeOf.call(AggregateError, type);
}

function describe(error: Error, words: Words, known: Known): void {
  const { code, name, kind, retryable, fields } = words;
  if (code !== undefined && readCode(error) !== code) define(error, 'code', code);
  if (error.name !== name) defineHidden(error, 'name', name);
  describeMore(error, words);
  for (const [key, value] of Object.entries(fields ?? {})) {
    if (key === 'marked' && error instanceof MarkedError && !isMark(value, known)) continue;
    addField(error, key, value);
  }
  if (retryable !== undefined && retryableOf(error) !== retryable) define(error, 'retryable', retryable);
  state(error, { kind: statedKindOf(error) === kind ? undefined : kind });
}

/** A mark must not bring in by the back door what the caller did not list, nor a class that the error is no instance of. */
function isMark(value: unknown, known: Known): boolean {
  const entry = typeof value === 'string' ? known(value) : undefined;
  return entry !== undefined && !isClassEntry(entry);
}

function describeRemote(error: Error, words: Words): void {
  const { code, name, kind, retryable, fields = {} } = words;
  const status = [fields['status'], fields['statusCode']].find((value) => kindOfStatus(value) !== undefined);
  state(error, { kind, retryable, origin: words });
  defineHidden(error, 'name', name);
  if (code !== undefined) define(error, 'code', String(code));
  describeMore(error, words);
  if (status !== undefined) define(error, 'status', status);
  for (const [key, value] of Object.entries(fields)) addField(error, key, value);
}

function describeMore(error: Error, { details, policy, retryAfterMs }: Words): void {
  if (details !== undefined) define(error, 'details', details);
  if (retryAfterMs !== undefined) define(error, 'retryAfterMs', retryAfterMs ?? Infinity);
  if (policy !== undefined) define(error, 'policy', policy);
}

/** A field never hides what the class or `Object` gives: `{"toString": 1}` would make an error that cannot be printed. */
function addField(error: Error, key: string, value: unknown): void {
  if (!(key in error) && !memberNames.has(key)) define(error, key, value);
}

function define(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, writable: true, enumerable: true, configurable: true });
}

function readCode(error: Error): unknown {
  return (error as { readonly code?: unknown }).code;
}
