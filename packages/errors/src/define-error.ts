import { defineHidden, isBranded } from './brand.ts';
import { isErrorKind, kindOfStatus, type ErrorKind } from './kind.ts';
import { isObject } from './read.ts';
import { noDetails, PatternError, type Details, type PatternErrorOptions } from './pattern-error.ts';
import { register } from './registry.ts';

export type DefinedErrorOptions = Omit<PatternErrorOptions, 'code'>;

/** Details come first and may be left out when every one of them is optional. */
export type DefinedErrorArguments<D extends object> =
  Partial<D> extends D
    ? [details?: D | undefined, options?: DefinedErrorOptions]
    : [details: D, options?: DefinedErrorOptions];

/** An instance of a class made by {@link defineError}. */
export type DefinedError<
  N extends string = string,
  C extends string = string,
  D extends object = Details,
  B extends PatternError = PatternError,
> = B & {
  readonly name: N;
  readonly code: C;
  readonly details: Readonly<D>;
};

/** What the class says about all of its instances. */
export interface ErrorClassInfo<C extends string = string> {
  readonly code: C;
  readonly kind: ErrorKind | undefined;
  /** HTTP status. */
  readonly http: number | undefined;
  readonly retryable: boolean | undefined;
  [Symbol.hasInstance](value: unknown): boolean;
}

/** A class made by {@link defineError} with a `message` function, which fixes the type of the details. */
export interface ErrorClass<
  N extends string,
  C extends string,
  D extends object,
  B extends PatternError = PatternError,
> extends ErrorClassInfo<C> {
  new (...args: DefinedErrorArguments<D>): DefinedError<N, C, D, B>;
  readonly prototype: DefinedError<N, C, D, B>;
}

/** A class made by {@link defineError} without one: `class X extends defineError('X', { code: 'X' })<{ id: string }> {}` fixes the details. */
export interface OpenErrorClass<
  N extends string,
  C extends string,
  B extends PatternError = PatternError,
> extends ErrorClassInfo<C> {
  new <D extends object = Details>(...args: DefinedErrorArguments<D>): DefinedError<N, C, D, B>;
  readonly prototype: DefinedError<N, C, Details, B>;
}

/** A base must leave `code` open (`string`): a literal there would contradict the literal of the class derived from it. */
export type ErrorBase<B extends PatternError> = (abstract new (message?: string, options?: PatternErrorOptions) => B) &
  (string extends B['code'] ? unknown : never);

export interface DefineErrorOptions<C extends string, B extends PatternError = PatternError> {
  /** Stable identifier, unique in the program; also the key in the registry of {@link deserialize}. */
  readonly code: C;
  /** @defaultValue that of `http` in the table of {@link classify}, else `'unknown'` */
  readonly kind?: ErrorKind | undefined;
  /**
   * HTTP status for {@link toProblem}. @defaultValue by kind: client 400, auth 403, conflict 409, throttled 429, canceled 499, bug and unknown 500,
   * unavailable and transient 503, timeout 504
   */
  readonly http?: number | undefined;
  /** @defaultValue that of the kind in the table of {@link classify} */
  readonly retryable?: boolean | undefined;
  /**
   * Capture a stack. `false` is for refusals that are expected: no `.stack` beyond name and message, construction about ten times cheaper.
   * @defaultValue true
   */
  readonly stack?: boolean | undefined;
  /** Class to derive from. @defaultValue {@link PatternError} */
  readonly base?: ErrorBase<B> | undefined;
}

/**
 * A named error class with a literal `code` and typed `details`, registered for {@link deserialize}. `message` is its text, or makes that from the details;
 * without one it is the name. Annotate the parameter of `message` to type the details; declare a class over it to get a type of the same name.
 * A second definition of the same code and name (the module loaded twice) is the same class to `instanceof` and {@link is}.
 * @throws {TypeError} if `code` is taken by a class of another name, be it one of this package, or by a sentinel; if `name` or `code` is no text, or an
 * option of the wrong type
 * @throws {RangeError} if `kind` is none, or `http` no status
 *
 * @example
 * ```ts
 * class NotFound extends errors.defineError('NotFound', {
 *   code: 'NOT_FOUND',
 *   http: 404,
 *   message: ({ what, id }: { what: string; id: string }) => `no ${what} ${id}`,
 * }) {}
 * throw new NotFound({ what: 'user', id: '7' });
 * ```
 */
export function defineError<
  const N extends string,
  const C extends string,
  D extends object,
  B extends PatternError = PatternError,
>(name: N, options: DefineErrorOptions<C, B> & { readonly message: (details: D) => string }): ErrorClass<N, C, D, B>;
export function defineError<const N extends string, const C extends string, B extends PatternError = PatternError>(
  name: N,
  options: DefineErrorOptions<C, B> & { readonly message?: string | undefined },
): OpenErrorClass<N, C, B>;
export function defineError(
  name: string,
  options: DefineErrorOptions<string> & { readonly message?: string | ((details: never) => string) | undefined },
): unknown {
  if (!isObject(options)) throw new TypeError('options must be an object');
  const { code, http, stack, retryable, message = name, base } = options;
  checkText('name', name);
  checkText('code', code);
  if (typeof message !== 'string' && typeof message !== 'function') {
    throw new TypeError('message must be a text or a function');
  }
  checkFlag('retryable', retryable);
  checkFlag('stack', stack);
  if (base !== undefined && !isOpenBase(base)) {
    throw new TypeError('base must be PatternError, or a class that extends it and leaves code open');
  }
  if (options.kind !== undefined && !isErrorKind(options.kind)) {
    throw new RangeError(`kind must be one of the kinds of classify, got '${String(options.kind)}'`);
  }
  if (http !== undefined && !(Number.isInteger(http) && http >= 100 && http <= 599)) {
    throw new RangeError(`http must be an integer from 100 to 599, got ${String(http)}`);
  }
  const Base = (base ?? PatternError) as typeof PatternError;
  const kind = options.kind ?? kindOfStatus(http);
  const text = typeof message === 'string' ? () => message : (message as (details: Details) => string);

  class Defined extends Base {
    static readonly code: string = code;
    override readonly code = code;
    declare readonly details: Details;

    constructor(details?: Details, settings?: DefinedErrorOptions) {
      super(text(details ?? noDetails), settings);
      if (details !== undefined) this.details = details;
    }
  }
  // Only what is stated: an undefined here would hide what the base states.
  const statics = { name, kind, http, retryable, stack };
  for (const [key, value] of Object.entries(statics)) {
    if (value !== undefined) defineHidden(Defined, key, value);
  }
  defineHidden(Defined.prototype, 'name', name);
  defineHidden(Defined.prototype, 'details', noDetails);
  register(Defined);
  defined.add(Defined);
  return Defined;
}

/** Classes that have been made here. */
const defined = new WeakSet();

function checkText(option: string, text: unknown): void {
  if (typeof text !== 'string' || text === '') throw new TypeError(`${option} must be a text that is not empty`);
}

function checkFlag(option: string, flag: unknown): void {
  if (flag !== undefined && typeof flag !== 'boolean') throw new TypeError(`${option} must be true or false`);
}

/** Of any copy of the package. Not one that is defined here, or derived from that: it takes details, where a base is given its message. */
function isOpenBase(base: unknown): boolean {
  if (typeof base !== 'function' || !isBranded(base.prototype)) return false;
  for (let type: unknown = base; type !== null; type = Object.getPrototypeOf(type)) {
    if (defined.has(type as object)) return false;
  }
  return true;
}
