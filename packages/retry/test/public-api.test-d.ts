import {
  background,
  type Context,
  type ContextKey,
  type ExecuteOptions,
  type Operation,
  type Policy,
} from '@patterns/context';
import { PatternError, type ErrorType } from '@patterns/errors';
import type * as retryPackage from '@patterns/retry';
import {
  attemptOf,
  attempts,
  capped,
  constant,
  currentAttempt,
  decorrelated,
  exponential,
  fibonacci,
  immediateFirst,
  jittered,
  linear,
  parseRetryAfter,
  retry,
  RetryBudget,
  RetryError,
  RetryPolicy,
  sequence,
  TokenBudget,
  type Attempt,
  type AttemptContext,
  type AttemptEvent,
  type AttemptFailure,
  type AttemptInfo,
  type AttemptsOptions,
  type Backoff,
  type Budget,
  type ErrorMatcher,
  type GiveUpEvent,
  type GiveUpReason,
  type Jitter,
  type RetryDiagnostics,
  type RetryEvent,
  type RetryOptions,
} from '@patterns/retry';
import { BodyNotReplayableError, retryFetch, type RetryFetchOptions } from '@patterns/retry/fetch';
import { expectTypeOf } from 'expect-type';

interface User {
  readonly name: string;
}
declare const find: (id: string, options?: { readonly signal?: AbortSignal }) => Promise<User | undefined>;
declare const anything: unknown;

// The values, and nothing else.
expectTypeOf<keyof typeof retryPackage>().toEqualTypeOf<
  | 'attemptOf'
  | 'attempts'
  | 'capped'
  | 'constant'
  | 'currentAttempt'
  | 'decorrelated'
  | 'exponential'
  | 'fibonacci'
  | 'immediateFirst'
  | 'jittered'
  | 'linear'
  | 'parseRetryAfter'
  | 'retry'
  | 'RetryBudget'
  | 'RetryError'
  | 'RetryPolicy'
  | 'sequence'
  | 'TokenBudget'
>();

// --- retry ---

const user = await retry(
  async (ctx) => {
    expectTypeOf(ctx).toEqualTypeOf<AttemptContext>();
    expectTypeOf(ctx).toExtend<Context>();
    expectTypeOf(ctx).toExtend<AttemptInfo>();
    expectTypeOf(ctx.previousError).toBeUnknown();
    expectTypeOf(ctx.idempotencyKey).toBeString();
    return find('1', { signal: ctx.signal });
  },
  {
    maxAttempts: 5,
    backoff: immediateFirst(exponential({ initialMs: 50, jitter: 'equal' })),
    budget: new RetryBudget({ ratio: 0.1 }),
    attemptTimeoutMs: 500,
    retryIf: (error, { attempt }) => attempt < 3 && error !== undefined,
    delayMs: (failure, attempt, plannedMs) => {
      expectTypeOf(failure).toEqualTypeOf<AttemptFailure<User | undefined>>();
      expectTypeOf(attempt).toEqualTypeOf<AttemptInfo>();
      return plannedMs > 5_000 ? 5_000 : undefined;
    },
    retryResultIf: (found, { attempt }) => {
      expectTypeOf(found).toEqualTypeOf<User | undefined>();
      return found === undefined && attempt < 2;
    },
    onAttempt: (event) => {
      expectTypeOf(event).toEqualTypeOf<AttemptEvent>();
    },
    onRetry: (event) => {
      expectTypeOf(event).toEqualTypeOf<RetryEvent>();
    },
    onGiveUp: (event) => {
      expectTypeOf(event).toEqualTypeOf<GiveUpEvent>();
    },
  },
);
expectTypeOf(user).toEqualTypeOf<User | undefined>();
expectTypeOf(await retry(() => 1)).toBeNumber();
expectTypeOf(await retry(async () => (Math.random() > 0.5 ? 'now' : Promise.resolve(5)))).toEqualTypeOf<
  string | number
>();
// @ts-expect-error a mixture of value and promise is not inferred: make it async, or name the type
await retry(() => (Math.random() > 0.5 ? 'now' : Promise.resolve(5)));

// An operation that asks for less fits, and options may be kept.
const plain: (ctx: Context) => Promise<User | undefined> = (ctx) => find('1', { signal: ctx.signal });
await retry(plain);
const matchers: readonly ErrorMatcher[] = [PatternError, (error) => error === undefined];
const shared: RetryOptions = { name: 'db', retryIf: matchers, exhausted: 'wrap' };
await retry(() => 1, shared);
await retry(() => 1, { retryIf: [RangeError, 'ECONNRESET', async (error) => Promise.resolve(error !== undefined)] });
await retry(() => 1, {
  signal: undefined,
  maxAttempts: undefined,
  backoff: undefined,
  retryIf: undefined,
  clock: undefined,
});
expectTypeOf<ErrorMatcher>().toEqualTypeOf<
  ErrorType | string | ((error: unknown, attempt: AttemptInfo) => boolean | PromiseLike<boolean>)
>();

// @ts-expect-error a number is no matcher
await retry(() => 1, { retryIf: [404] });
// @ts-expect-error a delay is a number or nothing
await retry(() => 1, { delayMs: () => '5 s' });
// @ts-expect-error maxRetries does not exist: maxAttempts counts calls
await retry(() => 1, { maxRetries: 3 });
// @ts-expect-error the predicate is about the operation's result
await retry(() => 1, { retryResultIf: (value: string) => value === '' });
// @ts-expect-error a whole context is not an options object: its deadline would be lost
await retry(() => 1, background());
// @ts-expect-error there are two ways to end
await retry(() => 1, { exhausted: 'throw' });

// --- From below ---

expectTypeOf(currentAttempt).toEqualTypeOf<ContextKey<AttemptInfo>>();
expectTypeOf(attemptOf(background())).toEqualTypeOf<AttemptInfo | undefined>();
expectTypeOf(background().value(currentAttempt)).toEqualTypeOf<AttemptInfo | undefined>();

// --- RetryPolicy ---

const policy = new RetryPolicy({ name: 'db', retryResultIf: (value) => value === null });
expectTypeOf(policy).toExtend<Policy>();
expectTypeOf(policy.kind).toEqualTypeOf<'retry'>();
expectTypeOf(policy.name).toEqualTypeOf<string | undefined>();
expectTypeOf<Parameters<typeof policy.execute<number>>[0]>().toEqualTypeOf<Operation<number, AttemptContext>>();
expectTypeOf<Parameters<typeof policy.execute<number>>[1]>().toEqualTypeOf<ExecuteOptions | undefined>();
expectTypeOf(await policy.execute(() => find('1'), { key: 'a', idempotent: true })).toEqualTypeOf<User | undefined>();

const wrapped = policy.wrap(function (this: Date, days: number, ...more: string[]) {
  return `${this.getDate() + days}${more.join()}`;
});
expectTypeOf(wrapped).toEqualTypeOf<(this: Date, days: number, ...more: string[]) => Promise<string>>();
// @ts-expect-error a number is expected
await wrapped.call(new Date(), 'two');

// --- attempts ---

for await (const attempt of attempts({ maxAttempts: 3, backoff: sequence([10, 20]) })) {
  expectTypeOf(attempt).toEqualTypeOf<Attempt>();
  expectTypeOf(attempt).toExtend<AttemptContext>();
  attempt.failed(anything);
}
expectTypeOf<keyof AttemptsOptions>().toEqualTypeOf<
  Exclude<keyof RetryOptions, 'retryResultIf' | 'attemptTimeoutMs'>
>();
// @ts-expect-error the body has its own time
attempts({ attemptTimeoutMs: 5 });

// --- Backoffs and budgets ---

const generated: Backoff = {
  *delays(random) {
    for (;;) yield random() * 10;
  },
};
const own: Backoff[] = [
  generated,
  { delays: () => [1, 2, 3].values() },
  jittered(constant(5), 0.2),
  capped(linear(), 5),
  decorrelated({ baseMs: 50 }),
  fibonacci({ maxMs: undefined }),
];
expectTypeOf(own[0]?.delays(Math.random).next()).toEqualTypeOf<IteratorResult<number, unknown> | undefined>();
expectTypeOf<Jitter>().toEqualTypeOf<'none' | 'full' | 'equal' | number>();
// @ts-expect-error no such jitter
exponential({ jitter: 'ful' });
// @ts-expect-error an array has no delays
jittered([1, 2], 0.5);

const budgets: Budget[] = [
  new TokenBudget({ maxTokens: 10 }),
  new RetryBudget(),
  { record: () => undefined, tryWithdraw: () => false },
];
await retry(() => 1, { budget: budgets[0] });
expectTypeOf(new RetryBudget().balance).toBeNumber();
expectTypeOf(new TokenBudget().tokens).toBeNumber();

// --- Errors and the rest ---

if (anything instanceof RetryError) {
  expectTypeOf(anything.code).toEqualTypeOf<'ERR_RETRY_EXHAUSTED'>();
  expectTypeOf(anything.reason).toEqualTypeOf<Exclude<GiveUpReason, 'canceled'>>();
  expectTypeOf(anything.errors).toEqualTypeOf<readonly unknown[]>();
  expectTypeOf(anything.policy).toEqualTypeOf<string | undefined>();
}
expectTypeOf<RetryError>().toExtend<PatternError>();
new RetryError('budget', 1, [anything], { cause: anything, value: 1, retryAfterMs: 5, policy: 'db' });
// @ts-expect-error a caller who gives up gets the reason, never this
new RetryError('canceled', 1, []);
expectTypeOf(parseRetryAfter(null)).toEqualTypeOf<number | undefined>();
parseRetryAfter(undefined, Date.now());
expectTypeOf<RetryDiagnostics['patterns:retry:give-up']>().toEqualTypeOf<GiveUpEvent>();
expectTypeOf<keyof RetryDiagnostics>().toEqualTypeOf<
  'patterns:retry:attempt' | 'patterns:retry:retry' | 'patterns:retry:give-up' | 'patterns:retry:listener-error'
>();

// --- /fetch ---

const get: typeof fetch = retryFetch({
  maxAttempts: 4,
  retryStatus: (status) => status === 503,
  idempotencyKey: true,
  delayMs: ({ value }) => (value?.status === 503 ? 1_000 : undefined),
});
const upload = retryFetch({
  methods: ['POST'],
  prepare: (init, { attempt }) => ({ ...init, body: new Blob([String(attempt)]).stream(), duplex: 'half' }),
});
expectTypeOf(upload).toEqualTypeOf<typeof fetch>();
expectTypeOf(await get('http://x', { signal: background().signal })).toEqualTypeOf<Response>();
expectTypeOf<keyof RetryFetchOptions>().toEqualTypeOf<
  Exclude<keyof RetryOptions, 'retryResultIf'> | 'fetch' | 'methods' | 'retryStatus' | 'idempotencyKey' | 'prepare'
>();
expectTypeOf(new BodyNotReplayableError().code).toEqualTypeOf<'ERR_BODY_NOT_REPLAYABLE'>();
// @ts-expect-error what is retried is said by the status
retryFetch({ retryResultIf: () => true });
