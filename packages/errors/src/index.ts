export { all, as, find } from './find.ts';
export { classify, isRetryable, type Classification } from './classify.ts';
export { is, matches, type ErrorTarget } from './is.ts';
export { join, JoinedError } from './join.ts';
export { permanent, PermanentError, transient, TransientError, type TransientOptions } from './markers.ts';
export { PatternError, type Details, type PatternErrorOptions } from './pattern-error.ts';
export { walk } from './walk.ts';
export { wrap, WrappedError, type WrapOptions } from './wrap.ts';
export type { ErrorKind } from './kind.ts';
export type { ErrorType } from './error-type.ts';
export type { NullishToUndefined } from './nullish.ts';
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
export { register, type RegisteredErrorClass } from './registry.ts';
export { sentinel } from './sentinel.ts';
