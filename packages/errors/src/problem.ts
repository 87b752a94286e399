import { isBranded } from './brand.ts';
import { Budget } from './budget.ts';
import { classify, kindOf, statedKindOf } from './classify.ts';
import type { DeserializeOptions } from './deserialize.ts';
import { detailsOf, plain } from './details.ts';
import { refuse, refusing } from './deserialize-error.ts';
import { httpOfKind, kindOfStatus } from './kind.ts';
import { JoinedError } from './join.ts';
import { MarkedError } from './mark.ts';
import { PermanentError, TransientError } from './markers.ts';
import { messageOf } from './message-of.ts';
import { noDetails } from './pattern-error.ts';
import { isArray, isObject, read, readOwn, readString } from './read.ts';
import { secretsOf } from './redact.ts';
import { RemoteError, type Words } from './remote-error.ts';
import { sentinelOf } from './registry.ts';
import { knownOf, revive } from './revive.ts';
import { limitsOf, type Draft, type Json } from './serialized-error.ts';
import { phraseOf } from './status-phrase.ts';
import { toJson } from './to-json.ts';
import { find } from './find.ts';
import { WrappedError } from './wrap.ts';

/** RFC 9457, with extension members. */
export interface ProblemDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly instance?: string;
  readonly [extension: string]: unknown;
}

export interface ProblemOptions {
  /** URI of the problem type, or made from the code. @defaultValue `'about:blank'` */
  readonly type?: string | ((code: string) => string) | undefined;
  readonly instance?: string | undefined;
  /** Give the message of the node that decided the status as `detail`. @defaultValue true for a status below 500 */
  readonly message?: boolean | undefined;
  /** Give the `details` as extension members, redacted by {@link defaultRedact}. @defaultValue false */
  readonly details?: boolean | undefined;
}

/**
 * `status` is the `http` of the first node that is an error of ours or of a defined class. If there is none, as the status of somebody else's answer says nothing
 * about ours: 499 if canceled, 504 timeout, 503 unavailable or transient, else 500. `title` is the standard phrase of the status. Extension members: `code` of
 * that node and, where there is one, `retryAfterMs`. No stack, no cause.
 *
 * Wrappers, joins, markers and {@link RemoteError} decide nothing. The members of `details` are those of the node that decided. Where none did, `code` is that of the
 * first registered sentinel, or of what something was {@link mark}ed with, so that {@link fromProblem} gives the very sentinel; it says nothing about the status.
 */
export function toProblem(err: unknown, options: ProblemOptions = {}): ProblemDetails {
  const { kind, retryAfterMs } = classify(err);
  const decider = find(err, decides) as object | undefined;
  const status = decider === undefined ? gatewayStatus(kind) : httpOf(decider);
  const named = decider ?? find(err, (node) => sentinelCodeOf(node) !== undefined);
  const code = decider === undefined ? sentinelCodeOf(named) : readString(decider, 'code');
  const speaker = decider ?? find(err, (node) => isObject(node) && kindOf(node) === kind) ?? named ?? err;
  const problem: Record<string, unknown> = {
    ...(options.details === true && decider !== undefined ? publicDetailsOf(decider) : {}),
    type: typeOf(options.type, code),
    title: phraseOf(status),
    status,
  };
  if (options.message ?? status < 500) problem['detail'] = messageOf(speaker);
  if (options.instance !== undefined) problem['instance'] = options.instance;
  if (code !== undefined) problem['code'] = code;
  // JSON has no infinity, and a client that reads nothing will not wait either.
  if (retryAfterMs !== undefined && Number.isFinite(retryAfterMs)) problem['retryAfterMs'] = retryAfterMs;
  return problem as unknown as ProblemDetails;
}

const neutral = [WrappedError, JoinedError, PermanentError, TransientError, MarkedError, RemoteError] as const;

function decides(node: unknown): boolean {
  return isBranded(node) && !neutral.some((type) => node instanceof type);
}

/** By which the other side finds the very sentinel again: of a registered one, or of what was marked with one. */
function sentinelCodeOf(node: unknown): string | undefined {
  if (!isObject(node)) return undefined;
  if (node instanceof MarkedError) return readString(node, 'marked');
  const code = readString(node, 'code');
  return sentinelOf(code) === node ? code : undefined;
}

function httpOf(node: object): number {
  const http = read(read(node, 'constructor'), 'http');
  return typeof http === 'number' ? http : httpOfKind(statedKindOf(node) ?? 'unknown');
}

/** What we answer when somebody else failed us. */
function gatewayStatus(kind: ReturnType<typeof classify>['kind']): number {
  return kind === 'canceled' || kind === 'timeout' || kind === 'unavailable' || kind === 'transient'
    ? httpOfKind(kind)
    : 500;
}

function typeOf(type: ProblemOptions['type'], code: string | undefined): string {
  if (typeof type === 'string') return type;
  if (type === undefined || code === undefined) return 'about:blank';
  try {
    return type(code);
  } catch {
    return 'about:blank';
  }
}

/** Members with a meaning of their own; all others are details. */
const standardMembers: ReadonlySet<string> = new Set([
  'type',
  'title',
  'status',
  'detail',
  'instance',
  'code',
  'retryAfterMs',
]);

/**
 * The class or sentinel registered under `code`, else a {@link RemoteError} with `status`, the kind of that status, and the extension members as `details`.
 * Members of a wrong type count as absent.
 * @throws {DeserializeError} and nothing else: for what is no object or exceeds a limit
 */
export function fromProblem(json: unknown, options?: DeserializeOptions): Error {
  return refusing(() => {
    if (!isObject(json) || isArray(json)) return refuse('not a problem: not an object');
    const { maxBytes } = limitsOf(options);
    // Nothing is secret here any more; what is too long, too deep or no JSON is not taken for half of a problem.
    const { json: copy, truncated } = toJson(plain(membersOf(json)), new Budget(maxBytes), secretsOf(false));
    if (truncated) refuse(`more than ${maxBytes} bytes, or nested too deep`);
    return reviveProblem(copy as Readonly<Record<string, Json>>, options);
  });
}

function publicDetailsOf(node: object): Readonly<Record<string, Json>> {
  const details = plain(detailsOf(node) ?? noDetails);
  const { json } = toJson(details, new Budget(limitsOf(undefined).maxBytes), secretsOf(true));
  return extensionsOf((json ?? {}) as Readonly<Record<string, Json>>);
}

function extensionsOf(members: Readonly<Record<string, Json>>): Readonly<Record<string, Json>> {
  return Object.fromEntries(Object.entries(members).filter(([key]) => !standardMembers.has(key)));
}

function membersOf(json: object): Record<string, unknown> {
  return Object.fromEntries(Object.keys(json).map((key) => [key, readOwn(json, key)]));
}

function reviveProblem(problem: Readonly<Record<string, Json>>, options: DeserializeOptions | undefined): Error {
  const { status, code, retryAfterMs } = problem;
  const known = knownOf(options?.registry);
  const kind = kindOfStatus(status);
  const entry = typeof code === 'string' ? known(code) : undefined;
  const words: Draft<Words> = { name: readString(read(entry, 'prototype'), 'name') ?? 'RemoteError' };
  if (typeof code === 'string') words.code = code;
  if (typeof retryAfterMs === 'number' && retryAfterMs >= 0) words.retryAfterMs = retryAfterMs;
  const details = extensionsOf(problem);
  if (Object.keys(details).length > 0) words.details = details;
  if (entry === undefined && kind !== undefined) Object.assign(words, { kind, fields: { status } });
  return revive(words, textOf(problem), undefined, known).error;
}

function textOf({ detail, title, status }: Readonly<Record<string, Json>>): string {
  if (typeof detail === 'string') return detail;
  if (typeof title === 'string') return title;
  return typeof status === 'number' ? phraseOf(status) : 'unknown problem';
}
