import { types } from 'node:util';
import { classify } from './classify.ts';
import { defineError } from './define-error.ts';
import { is } from './is.ts';
import { PatternError } from './pattern-error.ts';
import { sentinel } from './sentinel.ts';

class NotFound extends defineError('NotFound', {
  code: 'DEFINE_NOT_FOUND',
  http: 404,
  message: ({ what, id }: { what: string; id: string }) => `no ${what} ${id}`,
}) {}

describe('defineError', () => {
  it('makes the message from the details', () => {
    const error = new NotFound({ what: 'user', id: '7' }, { cause: 'gone', retryAfterMs: 10, policy: 'store' });
    expect(error).toMatchObject({
      name: 'NotFound',
      code: 'DEFINE_NOT_FOUND',
      message: 'no user 7',
      details: { what: 'user', id: '7' },
      cause: 'gone',
      retryAfterMs: 10,
      policy: 'store',
    });
    expect(types.isNativeError(error)).toBe(true);
    expect(error.stack).toMatch(/^NotFound: no user 7\n\s+at .*define-error\.test\.ts/);
  });

  it('takes a fixed message, or the name', () => {
    expect(new (defineError('Fixed', { code: 'DEFINE_FIXED', message: 'try later' }))().message).toBe('try later');
    expect(new (defineError('Bare', { code: 'DEFINE_BARE' }))().message).toBe('Bare');
  });

  it('has empty details when none are given', () => {
    const Optional = defineError('Optional', {
      code: 'DEFINE_OPTIONAL',
      message: (d: { id?: string }) => `id ${d.id ?? 'none'}`,
    });
    expect(new Optional()).toMatchObject({ message: 'id none', details: {} });
    expect(new Optional(undefined, { policy: 'p' }).policy).toBe('p');
  });

  it('gives the class the name and states what was given', () => {
    const Plain = defineError('Plain', { code: 'DEFINE_PLAIN', kind: 'conflict', http: 422, retryable: true });
    const { name, code, kind, http, retryable } = Plain as typeof Plain & { name: string };
    expect([name, code, kind, http, retryable]).toEqual(['Plain', 'DEFINE_PLAIN', 'conflict', 422, true]);
    expect(NotFound.kind).toBe('client');
    expect(defineError('Silent', { code: 'DEFINE_SILENT' }).kind).toBeUndefined();
  });

  it('keeps the defined name in a class of another name, as its type says', () => {
    class Special extends NotFound {}
    expect(new Special({ what: 'a', id: 'b' }).name).toBe('NotFound');
  });

  it('captures no stack if told so, and as many as usual otherwise', () => {
    const Quiet = defineError('Quiet', { code: 'DEFINE_QUIET', stack: false });
    expect(new Quiet().stack).toBe('Quiet: Quiet');
    class Silent extends PatternError {
      static override readonly stack: boolean = false;
    }
    const Loud = defineError('Loud', { code: 'DEFINE_LOUD', base: Silent, stack: true });
    expect(new Loud().stack).toMatch(/^Loud: Loud\n\s+at /);
  });

  it('derives from a base and inherits what that states', () => {
    abstract class StoreError extends PatternError {
      static override readonly kind = 'unavailable' as const;
      readonly store: string = 'main';
    }
    const Corrupt = defineError('Corrupt', {
      code: 'DEFINE_CORRUPT',
      base: StoreError,
      message: (d: { page: number }) => `page ${d.page}`,
    });
    const error = new Corrupt({ page: 3 });
    expect(error.store).toBe('main');
    expect(error).toBeInstanceOf(StoreError);
    expect(classify(error).kind).toBe('unavailable');
  });

  it('says nothing by itself when neither kind nor http is given, so that the cause decides', () => {
    const Failed = defineError('Failed', { code: 'DEFINE_FAILED' });
    expect(classify(new Failed())).toEqual({ kind: 'unknown', retryable: true });
    const cause = Object.assign(new Error(), { code: 'ECONNREFUSED' });
    expect(classify(new Failed(undefined, { cause }))).toEqual({ kind: 'unavailable', retryable: true });
  });

  it('takes a second definition of the same code and name for the same class', () => {
    const load = () => defineError('Reloaded', { code: 'DEFINE_RELOADED' });
    const [first, second] = [load(), load()];
    expect(new first() instanceof second).toBe(true);
    expect(is(new second(), first)).toBe(true);
    class Derived extends load() {}
    expect(new Derived() instanceof first).toBe(true);
  });

  it('refuses a code that is taken', () => {
    expect(() => defineError('Other', { code: 'DEFINE_NOT_FOUND' })).toThrow(
      new TypeError("code 'DEFINE_NOT_FOUND' is taken by class NotFound"),
    );
    sentinel('taken', { code: 'DEFINE_SENTINEL' });
    expect(() => defineError('Other', { code: 'DEFINE_SENTINEL' })).toThrow(TypeError);
  });

  it('refuses what is no name, code, kind or status, by the name of the option', () => {
    for (const bad of [undefined, null, 5, '']) {
      expect(() => defineError(bad as never, { code: 'DEFINE_BAD' })).toThrow(/^name must be/);
      expect(() => defineError('Bad', { code: bad as never })).toThrow(/^code must be/);
    }
    expect(() => defineError('Bad', { code: 'DEFINE_BAD', kind: 'teapot' as never })).toThrow(
      new RangeError("kind must be one of the kinds of classify, got 'teapot'"),
    );
    for (const bad of [99, 600, 404.5, NaN, '404']) {
      expect(() => defineError('Bad', { code: 'DEFINE_BAD', http: bad as never })).toThrow(
        new RangeError(`http must be an integer from 100 to 599, got ${bad}`),
      );
    }
    expect(() => defineError('Good', { code: 'DEFINE_BAD', kind: undefined, http: 599 })).not.toThrow();
  });

  it.each<[string, unknown, RegExp]>([
    ['no options', undefined, /^options must be an object/],
    ['a message', { message: 42 }, /^message must be a text or a function/],
    ['retryable', { retryable: 'yes' }, /^retryable must be true or false/],
    ['stack', { stack: 1 }, /^stack must be true or false/],
    ['a base', { base: 42 }, /^base must be PatternError, or/],
    ['a base that is none of ours', { base: Error }, /^base must be/],
    ['a base that takes details', { base: defineError('Base', { code: 'DEFINE_BASE' }) }, /^base must be/],
    [
      'a base derived from one',
      { base: class extends defineError('Base', { code: 'DEFINE_BASE' }) {} },
      /^base must be/,
    ],
  ])('refuses %s of the wrong type when the class is made', (_, options, message) => {
    const complete = options === undefined ? undefined : { code: 'DEFINE_MISUSE', ...(options as object) };
    expect(() => defineError('Misuse', complete as never)).toThrow(message);
    expect(() => defineError('Misuse', complete as never)).toThrow(TypeError);
  });

  it('takes a base that states a code of its own, which the class has instead', () => {
    class Stated extends PatternError {
      static readonly code: string = 'DEFINE_STATED';
      override readonly code: string = 'DEFINE_STATED';
    }
    const Narrow = defineError('Narrow', { code: 'DEFINE_NARROW', base: Stated });
    expect(new Narrow()).toMatchObject({ code: 'DEFINE_NARROW', message: 'Narrow' });
  });

  it('throws what the message function throws, with the stack limit restored', () => {
    const before = Error.stackTraceLimit;
    const Broken = defineError('Broken', {
      code: 'DEFINE_BROKEN',
      stack: false,
      message: (): string => {
        throw new RangeError('mine');
      },
    });
    expect(() => new Broken()).toThrow('mine');
    expect(Error.stackTraceLimit).toBe(before);
  });
});
