import { expectTypeOf } from 'expect-type';
import * as errors from '@patterns/errors';

class NotFound extends errors.defineError('NotFound', {
  code: 'NOT_FOUND',
  http: 404,
  message: ({ what, id }: { what: string; id: string }) => `no ${what} ${id}`,
}) {}
class Conflict extends errors.defineError('Conflict', { code: 'CONFLICT', kind: 'conflict' })<{
  readonly version: number;
}> {
  get next(): number {
    return this.details.version + 1;
  }
}
const Unavailable = errors.defineError('Unavailable', {
  code: 'UNAVAILABLE',
  retryable: true,
  stack: false,
  message: 'try later',
});
abstract class StoreError extends errors.PatternError {
  readonly store: string = 'main';
}
class Coded extends errors.PatternError {
  static readonly code: string = 'CODED';
  static override readonly kind: errors.ErrorKind = 'client';
  static override readonly http: number = 422;
  override readonly code = 'CODED';
}
class Corrupt extends errors.defineError('Corrupt', {
  code: 'CORRUPT',
  base: StoreError,
  message: (d: { page: number }) => `page ${d.page}`,
}) {}
class Optional extends errors.defineError('Optional', {
  code: 'OPTIONAL',
  message: (d: { id?: string }) => d.id ?? '',
}) {}
const EOF = errors.sentinel('end of file', { code: 'EOF' });
const Stopped = errors.sentinel('stopped');
declare const caught: unknown;

// Defining
const error = new NotFound({ what: 'user', id: '7' }, { cause: 'gone', retryAfterMs: 10, policy: undefined });
expectTypeOf(error.code).toEqualTypeOf<'NOT_FOUND'>();
expectTypeOf(error.name).toEqualTypeOf<'NotFound'>();
expectTypeOf(error.details).toEqualTypeOf<Readonly<{ what: string; id: string }>>();
expectTypeOf(error.policy).toEqualTypeOf<string | undefined>();
expectTypeOf(error.retryAfterMs).toEqualTypeOf<number | undefined>();
expectTypeOf(NotFound.code).toEqualTypeOf<'NOT_FOUND'>();
expectTypeOf(NotFound.kind).toEqualTypeOf<errors.ErrorKind | undefined>();
expectTypeOf(NotFound.http).toEqualTypeOf<number | undefined>();
expectTypeOf(new Conflict({ version: 1 }).next).toEqualTypeOf<number>();
expectTypeOf(new Unavailable().code).toEqualTypeOf<'UNAVAILABLE'>();
expectTypeOf(new Corrupt({ page: 3 }).store).toEqualTypeOf<string>();
expectTypeOf(EOF.code).toEqualTypeOf<'EOF'>();
expectTypeOf(Stopped).toEqualTypeOf<Error>();
new Unavailable({ region: 'eu' }, { retryAfterMs: 5, policy: 'gate' });
new Optional();
new Optional(undefined, { cause: 1 });
errors.register(Coded, Conflict, NotFound);
// @ts-expect-error TS2345: a class to be registered states its code
errors.register(StoreError);
// @ts-expect-error TS2345: the code is the key
errors.register(Error);
// @ts-expect-error TS2554: the details are required
new NotFound();
// @ts-expect-error TS2345: and typed
new NotFound({ what: 'user' });
// @ts-expect-error TS2353: the code is the class's
new NotFound({ what: 'user', id: '7' }, { code: 'OTHER' });
// @ts-expect-error TS2353: a misspelt option
errors.defineError('X', { code: 'X', htpp: 404 });
// @ts-expect-error TS2322: not a kind
errors.defineError('X', { code: 'X', kind: 'teapot' });
// @ts-expect-error TS2741: no code
errors.defineError('X', {});
// @ts-expect-error TS2322: a base with a literal code would contradict the derived one
errors.defineError('Narrower', { code: 'NARROWER', base: Coded });

// Discriminating
type ServiceError = NotFound | Conflict | Coded | errors.WrappedError | errors.DeserializeError;
const status = (e: ServiceError): number => {
  switch (e.code) {
    case 'NOT_FOUND':
      return e.details.id.length;
    case 'CONFLICT':
      return e.details.version;
    case 'CODED':
      return 1;
    case 'ERR_WRAPPED':
      return 2;
    case 'ERR_DESERIALIZE':
      return 3;
    default:
      return e satisfies never;
  }
};
expectTypeOf(status).returns.toEqualTypeOf<number>();
if (caught instanceof NotFound) expectTypeOf(caught.details.id).toEqualTypeOf<string>();
else if (caught instanceof errors.PatternError) expectTypeOf(caught.code).toEqualTypeOf<string>();
// A second copy of the package has classes of the same shape, so each fits where the other is wanted.
expectTypeOf<Pick<errors.WrappedError, keyof errors.WrappedError>>().toExtend<errors.WrappedError>();
expectTypeOf<Pick<errors.RemoteError, keyof errors.RemoteError>>().toExtend<errors.RemoteError>();

// Looking
expectTypeOf(errors.as(caught, NotFound)).toEqualTypeOf<NotFound | undefined>();
expectTypeOf(errors.as(caught, DOMException)).toEqualTypeOf<DOMException | undefined>();
expectTypeOf(errors.as(caught, StoreError)?.store).toEqualTypeOf<string | undefined>();
expectTypeOf(errors.all(caught, Conflict)).toEqualTypeOf<Conflict[]>();
expectTypeOf(errors.find(caught, (e) => String(e) === '1')).toEqualTypeOf<unknown>();
expectTypeOf(errors.find(caught, (e): e is NodeJS.ErrnoException => errors.is(e, 'ENOENT'))).toEqualTypeOf<
  NodeJS.ErrnoException | undefined
>();
expectTypeOf(errors.walk(caught)).toEqualTypeOf<IterableIterator<unknown>>();
expectTypeOf(errors.is(caught, NotFound, StoreError, 'CONFLICT', EOF, (e) => e === 1)).toEqualTypeOf<boolean>();
// @ts-expect-error TS2345: a number is no target
errors.is(caught, 404);
class Custom extends Error {
  [errors.matches](target: unknown): boolean {
    return target === 'EOF';
  }
}
errors.is(new Custom(), 'EOF');

// Building
expectTypeOf(errors.wrap(caught, 'x', { details: { id: '7' } })).toEqualTypeOf<errors.WrappedError>();
expectTypeOf(errors.wrap(error, 'x')).toEqualTypeOf<errors.WrappedError>();
expectTypeOf(errors.wrap(undefined, 'x')).toEqualTypeOf<errors.WrappedError | undefined>();
expectTypeOf(errors.wrap(null as Error | null, 'x')).toEqualTypeOf<errors.WrappedError | undefined>();
expectTypeOf(errors.permanent(error).code).toEqualTypeOf<'ERR_PERMANENT'>();
expectTypeOf(errors.transient(caught, { retryAfterMs: undefined }).code).toEqualTypeOf<'ERR_TRANSIENT'>();
expectTypeOf(errors.mark(error as Error | undefined, EOF)).toEqualTypeOf<errors.MarkedError | undefined>();
expectTypeOf(errors.opaque(error, undefined)).toEqualTypeOf<errors.OpaqueError>();
expectTypeOf(errors.attach(error, caught)).toEqualTypeOf<Error | undefined>();
expectTypeOf(errors.join(caught, error)).toEqualTypeOf<errors.JoinedError | undefined>();
expectTypeOf(errors.ensureError(caught)).toEqualTypeOf<Error>();
expectTypeOf(new errors.JoinedError([]).errors).toEqualTypeOf<unknown[]>();
expectTypeOf(errors.details(caught)).toEqualTypeOf<errors.Details>();

// Meaning
expectTypeOf(errors.classify(caught).retryAfterMs).toEqualTypeOf<number | undefined>();
expectTypeOf(errors.isRetryable(caught)).toEqualTypeOf<boolean>();
const { kind } = errors.classify(caught);
// @ts-expect-error TS2367: not a kind
if (kind === 'teapot') throw error;

// Over the wire
errors.format(caught, { color: true, maxDepth: undefined, redact: [errors.defaultRedact, 'ssn'] });
const serialized = errors.serialize(caught, {
  stack: true,
  maxDepth: 8,
  maxBreadth: 16,
  maxBytes: 16_384,
  redact: (key) => key === 'ssn',
});
expectTypeOf(serialized).toEqualTypeOf<errors.SerializedError>();
if (serialized.cause?.type === 'value') expectTypeOf(serialized.cause.value).toEqualTypeOf<errors.Json>();
expectTypeOf(
  errors.deserialize(caught, { registry: [NotFound, Conflict, EOF], maxBytes: 1_048_576 }),
).toEqualTypeOf<Error>();
// @ts-expect-error TS2322: a sentinel without a code cannot be told on the wire
errors.deserialize(caught, { registry: [Stopped] });
const problem = errors.toProblem(caught, {
  type: (code) => `https://errors.example/${code}`,
  message: false,
  details: true,
});
expectTypeOf(problem.status).toEqualTypeOf<number>();
expectTypeOf(problem.detail).toEqualTypeOf<string | undefined>();
expectTypeOf(errors.fromProblem(problem, { maxBytes: 4_096 })).toEqualTypeOf<Error>();
expectTypeOf(errors.parseHttpDate).toEqualTypeOf<(text: string, now: number) => number | undefined>();
expectTypeOf(errors.isRemote).toEqualTypeOf<(error: unknown) => boolean>();
expectTypeOf(errors.as(caught, errors.RemoteError)?.remote).toEqualTypeOf<true | undefined>();

// Results
const parsed = errors.tryCatch(() => Number('1'));
expectTypeOf(parsed).toEqualTypeOf<errors.Result<number>>();
expectTypeOf(errors.tryCatch(async () => Promise.resolve(1))).toEqualTypeOf<Promise<errors.Result<number>>>();
const { ok, value, error: why } = parsed;
if (ok) expectTypeOf(value).toEqualTypeOf<number>();
else expectTypeOf(why).toEqualTypeOf<unknown>();
const chained = errors.andThen(parsed, (n): errors.Result<string, 'negative'> =>
  n < 0 ? errors.err('negative') : errors.ok(String(n)),
);
expectTypeOf(chained).toEqualTypeOf<errors.Result<string>>();
expectTypeOf(errors.mapErr(chained, () => 'bad' as const)).toEqualTypeOf<errors.Result<string, 'bad'>>();
expectTypeOf(
  errors.unwrapOr(
    errors.mapOk(parsed, (n) => n * 2),
    null,
  ),
).toEqualTypeOf<number | null>();
