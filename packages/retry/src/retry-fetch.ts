import { toContext, waitFor, type Cancellation } from '@patterns/context';
import { checkCallback, checkFunction, checkType } from '@patterns/context/internal';
import { classify, permanent } from '@patterns/errors';
import type { AttemptContext, AttemptInfo } from './attempt.ts';
import { BodyNotReplayableError } from './body-not-replayable-error.ts';
import type { Budget } from './budget.ts';
import { discard, drain, drainTimeoutMs } from './drain.ts';
import { anyHolds } from './error-matcher.ts';
import { isFinal } from './final-error.ts';
import { parseRetryAfter } from './parse-retry-after.ts';
import { RequestAborter } from './request-aborter.ts';
import { readInit } from './request-init.ts';
import { runUnderBoth } from './retry.ts';
import { resolveOptions, type ResolvedOptions, type RetryOptions } from './retry-options.ts';

export interface RetryFetchOptions extends Omit<RetryOptions<Response>, 'retryResultIf'> {
  /** @defaultValue the global `fetch`, looked up on each call */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Methods that may be sent again. A request with an `Idempotency-Key` header always may. @defaultValue GET, HEAD, OPTIONS, PUT, DELETE, TRACE */
  readonly methods?: readonly string[] | undefined;
  /** @defaultValue 408, 425, 429 and 5xx without 501 and 505 */
  readonly retryStatus?: ((status: number) => boolean) | undefined;
  /** Sends the key of the call, the same over all attempts, in `Idempotency-Key` or the header named, and makes every method retryable. @defaultValue false */
  readonly idempotencyKey?: boolean | string | undefined;
  /**
   * Makes the `init` of an attempt from that of the call: a fresh stream as body, a new signature. Called before each attempt, the first
   * included; with it every body can be replayed, and the method and the headers that it asks for decide whether the request may be sent again.
   * What it throws is a failure of the attempt.
   */
  readonly prepare?: ((init: RequestInit, attempt: AttemptInfo) => RequestInit | PromiseLike<RequestInit>) | undefined;
}

type Fetch = typeof globalThis.fetch;
type Input = Parameters<Fetch>[0];

const defaultMethods = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE'];
const idempotencyHeader = 'Idempotency-Key';
/** Of a URL that has none: whether it can be sent, and to whom, is for `fetch` to say. */
const relativeScheme = 'relative:';
const sentSchemes: ReadonlySet<string> = new Set(['http:', 'https:', relativeScheme]);

/**
 * `fetch` with retries. `init.signal` is an `AbortSignal`, as the platform has it: pass `ctx.signal`.
 *
 * Resolves with the last response, whatever its status. A response that is followed by another attempt is drained (up to 4 096 bytes, then
 * cancelled), so that its connection is used again; `onRetry` is told before, and may read or clone it. `Retry-After` is honoured on 429 and 503.
 *
 * Never retried, whatever `retryIf` says: the caller's abort, an invalid URL, scheme, header or option, too many redirects or one that `fetch`
 * does not follow, a certificate that is not trusted, a method that is not among `methods`.
 *
 * Strings, buffers, views, blobs, forms and search parameters are sent again, and a `Request` is cloned; for a stream, also that of a `Request`
 * as `init`, see `prepare`, otherwise what should have been retried rejects with {@link BodyNotReplayableError}. An attempt timeout ends with
 * the headers: a body may be read for as long as it takes, until the caller's signal ends.
 *
 * What `fetch` throws is passed on as it is. Errors made here name method and URL, without user info and with the values of the query removed.
 *
 * @throws {RangeError} for an option out of range
 * @throws {TypeError} for one of the wrong type
 * @example
 * ```ts
 * const get = retryFetch({ maxAttempts: 4, attemptTimeoutMs: 2_000 });
 * const response = await get('https://example.com/orders/7');
 * ```
 */
export function retryFetch(options: RetryFetchOptions = {}): Fetch {
  const settings = new FetchSettings(options);
  // Asynchronous, so that what is wrong with the request rejects, as it does with `fetch`.
  return async (input, init) => new FetchCall(settings, input, init ?? {}).run();
}

/** Checked once, for all calls. */
class FetchSettings {
  readonly retry: ResolvedOptions<Response>;
  readonly fetch: Fetch | undefined;
  readonly methods: ReadonlySet<string>;
  readonly retryStatus: (status: number) => boolean;
  /** The header that is to carry the key. */
  readonly keyHeader: string | undefined;
  readonly prepare: RetryFetchOptions['prepare'];

  constructor(options: RetryFetchOptions) {
    const { fetch, methods = defaultMethods, retryStatus = isTransient, idempotencyKey = false, prepare } = options;
    this.retry = resolveOptions(options);
    checkCallback('fetch', fetch);
    const areMethods = Array.isArray(methods) && methods.every((method) => typeof method === 'string');
    checkType('methods', methods, areMethods, 'an array of strings');
    checkFunction('retryStatus', retryStatus);
    const isKey = typeof idempotencyKey === 'boolean' || isHeaderName(idempotencyKey);
    checkType('idempotencyKey', idempotencyKey, isKey, 'true, false or the name of a header');
    checkCallback('prepare', prepare);
    this.fetch = fetch;
    this.methods = new Set(methods.map((method) => method.toUpperCase()));
    this.retryStatus = retryStatus;
    this.keyHeader =
      idempotencyKey === true ? idempotencyHeader : idempotencyKey === false ? undefined : idempotencyKey;
    this.prepare = prepare;
  }
}

/** One call of a function made by {@link retryFetch}. */
class FetchCall {
  readonly #settings: FetchSettings;
  readonly #input: Input;
  readonly #init: RequestInit;
  readonly #callerSignal: AbortSignal | undefined;
  readonly #url: URL | undefined;
  /** Of the last request; of the call until there is one. */
  #method: string;
  #headers: Headers;
  /** What the last attempt ended with: one of the two. */
  #error: unknown;
  #refused: Response | undefined;
  /** Whether the status of the last response is worth another attempt, though the method may not allow one. */
  #isFailing = false;
  #draining: Promise<void> | undefined;
  /** That of the last request. */
  #aborter: RequestAborter | undefined;

  /** @throws {TypeError} for an `init` that is none, and for headers that cannot be sent */
  constructor(settings: FetchSettings, input: Input, init: RequestInit) {
    const request = isRequest(input) ? input : undefined;
    this.#settings = settings;
    this.#input = input;
    this.#init = readInit(init);
    const { signal, headers } = this.#init;
    // `null` is the platform's way to say: not even that of the request.
    this.#callerSignal = signal === undefined ? request?.signal : (signal ?? undefined);
    this.#method = methodOf(this.#init, request);
    this.#url = parseUrl(urlOf(input));
    this.#headers = new Headers(headers ?? request?.headers);
  }

  run(): Promise<Response> {
    const { retry, retryStatus } = this.#settings;
    const options: ResolvedOptions<Response> = {
      ...retry,
      needsLoop: true,
      retryIf: [(error, attempt) => this.#mayRepeat() && this.#isWorthRepeating(error, attempt)],
      retryResultIf: (response) => {
        this.#isFailing = retryStatus(response.status);
        if (!this.#mayRepeat() || !this.#isFailing) return false;
        this.#error = undefined;
        this.#refused = response;
        return true;
      },
      retryAfterOf,
      describe: () => this.#describe(),
      budget: this.#withLastWord(retry.budget),
      beforeWait: () => {
        this.#drainRefused();
      },
    };
    return runUnderBoth((ctx) => this.#attempt(ctx), options, this.#callerSignal);
  }

  async #attempt(ctx: AttemptContext): Promise<Response> {
    // Each may take longer than the caller waits, or the attempt has: then no request is made.
    if (this.#draining !== undefined) await waitFor(this.#draining, { signal: ctx });
    const init = await waitFor(this.#initOf(ctx), { signal: ctx });
    ctx.throwIfDone();
    const { attemptTimeoutMs, signal } = this.#settings.retry;
    // Not the signal of the attempt, which ends with the attempt and would take the body along.
    const sources = new Set([this.#callerSignal, signal, init.signal].filter((source) => source != null));
    if (sources.size > 1 || attemptTimeoutMs !== Infinity) return this.#sendUnder(ctx, sources, init);
    const [source] = sources;
    return this.#send(source === undefined ? init : { ...init, signal: toContext(source).signal });
  }

  async #sendUnder(ctx: AttemptContext, sources: ReadonlySet<Cancellation>, init: RequestInit): Promise<Response> {
    // The response of the attempt before, if it had one, has been drained.
    this.#aborter?.release();
    const aborter = new RequestAborter(ctx, sources);
    this.#aborter = aborter;
    try {
      const response = await this.#send({ ...init, signal: aborter.signal });
      aborter.keepFor(response);
      return response;
    } catch (error) {
      aborter.release();
      throw error;
    }
  }

  async #send(init: RequestInit): Promise<Response> {
    const fetch = this.#settings.fetch ?? globalThis.fetch;
    try {
      return await fetch(isRequest(this.#input) ? this.#input.clone() : this.#input, init);
    } catch (error) {
      throw isFinal(error) ? permanent(error) : error;
    }
  }

  async #initOf(ctx: AttemptContext): Promise<RequestInit> {
    const { prepare } = this.#settings;
    const init = this.#withKey(this.#init, this.#headers, ctx);
    if (prepare === undefined) return init;
    // It has been shown the key, as it may sign the headers, and may have lost it, as it may make them anew.
    const made = await prepare(init, ctx);
    try {
      const prepared = readInit(made);
      const request = isRequest(this.#input) ? this.#input : undefined;
      this.#method = methodOf(prepared, request);
      this.#headers = new Headers(prepared.headers ?? request?.headers);
      return this.#withKey(prepared, this.#headers, ctx);
    } catch (error) {
      throw permanent(error);
    }
  }

  #withKey(init: RequestInit, headers: Headers, ctx: AttemptContext): RequestInit {
    const { keyHeader } = this.#settings;
    if (keyHeader === undefined || headers.has(keyHeader)) return init;
    const withKey = new Headers(headers);
    withKey.set(keyHeader, ctx.idempotencyKey);
    return { ...init, headers: withKey };
  }

  #mayRepeat(): boolean {
    const { methods, keyHeader } = this.#settings;
    // What is not sent over the network fails the same each time.
    if (this.#url !== undefined && !sentSchemes.has(this.#url.protocol)) return false;
    return methods.has(this.#method) || keyHeader !== undefined || this.#headers.has(idempotencyHeader);
  }

  #isWorthRepeating(error: unknown, attempt: AttemptInfo): boolean | Promise<boolean> {
    this.#error = error;
    this.#refused = undefined;
    const { retryIf } = this.#settings.retry;
    return retryIf === undefined ? classify(error).retryable : anyHolds(retryIf, error, attempt);
  }

  /** The budget is asked last, so that nothing is withdrawn in vain: once it has agreed, another attempt is certain. */
  #withLastWord(budget: Budget | undefined): Budget {
    return {
      record: (event) => {
        if (event !== 'success' || !this.#isFailing) budget?.record(event);
      },
      tryWithdraw: () => {
        this.#checkBody();
        return budget === undefined || budget.tryWithdraw();
      },
    };
  }

  /** @throws {BodyNotReplayableError} */
  #checkBody(): void {
    if (this.#settings.prepare !== undefined || !isStream(this.#init.body)) return;
    if (this.#refused !== undefined) discard(this.#refused);
    throw new BodyNotReplayableError(`the body of ${this.#describe()} has been read and cannot be sent again`, {
      cause: this.#error,
      policy: this.#settings.retry.name,
    });
  }

  #drainRefused(): void {
    if (this.#refused === undefined) this.#draining = undefined;
    // The next attempt waits for it, and needs time for its request.
    else this.#draining = drain(this.#refused, Math.min(drainTimeoutMs, this.#settings.retry.attemptTimeoutMs / 2));
  }

  /** Without what must not be in a log: user info, and the values of the query. */
  #describe(): string {
    if (this.#url === undefined) return this.#method;
    const { protocol, origin, pathname, searchParams } = this.#url;
    const keys = [...new Set(searchParams.keys())].map(encodeURIComponent);
    const path = `${pathname}${keys.length === 0 ? '' : `?${keys.join('&')}`}`;
    return `${this.#method} ${protocol === relativeScheme ? '' : origin}${path}`;
  }
}

function isTransient(status: number): boolean {
  if (status === 408 || status === 425 || status === 429) return true;
  return status >= 500 && status <= 599 && status !== 501 && status !== 505;
}

function retryAfterOf({ status, headers }: Response): number | undefined {
  if (status !== 429 && status !== 503) return undefined;
  const header = headers.get('retry-after');
  // Of several headers, which arrive joined, the first; dates have a comma of their own.
  return parseRetryAfter(header) ?? parseRetryAfter(header?.match(/^([a-z]+, )?[^,]*(?=,)/i)?.[0]);
}

/** @see RFC 9110, section 5.6.2 */
function isHeaderName(value: unknown): boolean {
  return typeof value === 'string' && /^[!#$%&'*+.^_`|~\w-]+$/.test(value);
}

function urlOf(input: Input): string {
  if (typeof input === 'string') return input;
  return isRequest(input) ? input.url : input.href;
}

function methodOf({ method }: RequestInit, request: Request | undefined): string {
  return (method ?? request?.method ?? 'GET').toUpperCase();
}

/** By shape: it may be that of another implementation. */
function isRequest(input: Input): input is Request {
  return typeof input === 'object' && 'url' in input && 'clone' in input;
}

/** Read once, as a stream of the web or an iterable that is asynchronous, such as a stream of Node. */
function isStream(body: unknown): boolean {
  return typeof body === 'object' && body !== null && ('getReader' in body || Symbol.asyncIterator in body);
}

function parseUrl(url: string): URL | undefined {
  try {
    return new URL(url, `${relativeScheme}/`);
  } catch {
    // For `fetch` to complain about.
    return undefined;
  }
}
