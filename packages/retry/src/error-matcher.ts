import { checkType, isPromiseLike } from '@patterns/context/internal';
import { is, type ErrorType } from '@patterns/errors';
import type { AttemptInfo } from './attempt.ts';

/** A predicate (also asynchronous), an error class or a `code`; the latter two match at any depth, as `errors.is` does. */
export type ErrorMatcher =
  ErrorType | string | ((error: unknown, attempt: AttemptInfo) => boolean | PromiseLike<boolean>);

type Predicate = (error: unknown, attempt: AttemptInfo) => boolean | PromiseLike<boolean>;

/** @throws {TypeError} for what is no matcher, and no array of them */
export function compileMatchers(
  option: string,
  matchers: ErrorMatcher | readonly ErrorMatcher[],
): readonly Predicate[] {
  if (!Array.isArray(matchers)) return [compile(option, matchers as ErrorMatcher)];
  return (matchers as readonly ErrorMatcher[]).map((matcher, index) => compile(`${option}[${index}]`, matcher));
}

function compile(option: string, matcher: ErrorMatcher): Predicate {
  const isMatcher = typeof matcher === 'string' || typeof matcher === 'function';
  checkType(option, matcher, isMatcher, 'an error class, a code or a function');
  if (typeof matcher === 'string' || isErrorType(matcher)) return (error) => is(error, matcher);
  return matcher;
}

/** Declared with `class`, or an older function that makes errors. */
function isErrorType(matcher: Exclude<ErrorMatcher, string>): matcher is ErrorType {
  const prototype: unknown = Object.getOwnPropertyDescriptor(matcher, 'prototype')?.value;
  if (typeof prototype !== 'object' || prototype === null) return false;
  return 'message' in prototype || /^class\b/.test(Function.prototype.toString.call(matcher));
}

/** Whether any predicate holds, asked in order and no further than needed; a promise only if one of them gave a promise. */
export function anyHolds(
  predicates: readonly Predicate[],
  error: unknown,
  attempt: AttemptInfo,
  from = 0,
): boolean | Promise<boolean> {
  for (let index = from; index < predicates.length; index++) {
    const verdict = predicates[index]?.(error, attempt);
    if (isPromiseLike(verdict)) {
      return Promise.resolve(verdict).then((holds) => holds || anyHolds(predicates, error, attempt, index + 1));
    }
    if (verdict) return true;
  }
  return false;
}
