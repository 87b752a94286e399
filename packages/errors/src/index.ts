export { all, as, find } from './find.ts';
export { attach } from './attach.ts';
export { classify, isRetryable, type Classification } from './classify.ts';
export {
  defineError,
  type DefinedError,
  type DefinedErrorArguments,
  type DefinedErrorOptions,
  type DefineErrorOptions,
  type ErrorBase,
  type ErrorClass,
  type ErrorClassInfo,
  type OpenErrorClass,
} from './define-error.ts';
export { deserialize, type DeserializeOptions } from './deserialize.ts';
export { DeserializeError } from './deserialize-error.ts';
export { details } from './details.ts';
export { ensureError } from './ensure-error.ts';
export type { ErrorType } from './error-type.ts';
export { format, type FormatOptions } from './format.ts';
export { is, matches, type ErrorTarget } from './is.ts';
export { parseHttpDate } from './http-date.ts';
export { isRemote } from './is-remote.ts';
export { join, JoinedError } from './join.ts';
export type { ErrorKind } from './kind.ts';
export { mark, MarkedError } from './mark.ts';
export { permanent, PermanentError, transient, TransientError, type TransientOptions } from './markers.ts';
export type { NullishToUndefined } from './nullish.ts';
export { opaque, OpaqueError } from './opaque.ts';
export { PatternError, type Details, type PatternErrorOptions } from './pattern-error.ts';
export { fromProblem, toProblem, type ProblemDetails, type ProblemOptions } from './problem.ts';
export { defaultRedact, type Redaction } from './redact.ts';
export { register, type RegisteredErrorClass } from './registry.ts';
export { RemoteError } from './remote-error.ts';
export {
  andThen,
  err,
  fromPromise,
  mapErr,
  mapOk,
  ok,
  tryCatch,
  unwrapOr,
  type Err,
  type Ok,
  type Result,
} from './result.ts';
export { sentinel } from './sentinel.ts';
export { serialize, type SerializeOptions } from './serialize.ts';
export type { Json, SerializationLimits, SerializedError, SerializedValue } from './serialized-error.ts';
export { root, unwrap } from './unwrap.ts';
export { walk } from './walk.ts';
export { wrap, WrappedError, type WrapOptions } from './wrap.ts';
