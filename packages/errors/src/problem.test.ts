import { attach } from './attach.ts';
import { classify } from './classify.ts';
import { defineError } from './define-error.ts';
import { DeserializeError } from './deserialize-error.ts';
import { as } from './find.ts';
import { is } from './is.ts';
import { isRemote } from './is-remote.ts';
import { join, JoinedError } from './join.ts';
import type { ErrorKind } from './kind.ts';
import { mark } from './mark.ts';
import { permanent, transient } from './markers.ts';
import { opaque } from './opaque.ts';
import { PatternError } from './pattern-error.ts';
import { fromProblem, toProblem } from './problem.ts';
import { RemoteError } from './remote-error.ts';
import { sentinel } from './sentinel.ts';
import { serialize } from './serialize.ts';
import { wrap } from './wrap.ts';

class NotFound extends defineError('NotFound', {
  code: 'PROBLEM_NOT_FOUND',
  http: 404,
  message: (d: { what: string; password?: string }) => `no ${d.what}`,
}) {}
const EOF = sentinel('end of file', { code: 'PROBLEM_EOF' });
const coded = (code: string): Error => Object.assign(new Error('secret host db-1'), { code });

describe('toProblem', () => {
  it('tells what the class of ours says', () => {
    expect(toProblem(new NotFound({ what: 'user' }))).toEqual({
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      detail: 'no user',
      code: 'PROBLEM_NOT_FOUND',
    });
  });

  it.each([
    ['client', 400],
    ['auth', 403],
    ['conflict', 409],
    ['throttled', 429],
    ['canceled', 499],
    ['bug', 500],
    ['unknown', 500],
    ['unavailable', 503],
    ['transient', 503],
    ['timeout', 504],
  ] as [ErrorKind, number][])('gives a class of kind %s that states no status %d', (kind, status) => {
    const Stated = defineError(`Stated-${kind}`, { code: `PROBLEM_${kind}`, kind });
    expect(toProblem(new Stated()).status).toBe(status);
  });

  it('gives 500 and the code for a class that states nothing, and for an error of ours', () => {
    const Plain = defineError('Plain', { code: 'PROBLEM_PLAIN' });
    expect(toProblem(new Plain(undefined, { cause: coded('ECONNREFUSED') }))).toMatchObject({
      status: 500,
      code: 'PROBLEM_PLAIN',
    });
    expect(toProblem(new PatternError('x'))).toMatchObject({ status: 500, code: 'ERR_PATTERN' });
    class Unprocessable extends PatternError {
      static override readonly http: number = 422;
    }
    expect(toProblem(new Unprocessable('x'))).toMatchObject({ status: 422, title: 'Unprocessable Content' });
  });

  it('looks through wrappers, joins and markers, which decide nothing', () => {
    const error = new NotFound({ what: 'user' });
    for (const around of [
      wrap(error, 'x'),
      join('x', error),
      permanent(error),
      transient(error),
      mark(error, EOF),
      new Error('x', { cause: error }),
    ]) {
      expect(toProblem(around)).toMatchObject({ status: 404, detail: 'no user', code: 'PROBLEM_NOT_FOUND' });
    }
    expect(toProblem(opaque(error)).status).toBe(500);
  });

  it.each([
    [new DOMException('gone', 'AbortError'), 499],
    [coded('ETIMEDOUT'), 504],
    [coded('ECONNREFUSED'), 503],
    [coded('ECONNRESET'), 503],
    [transient(new Error('x')), 503],
    [{ status: 404 }, 500],
    [{ status: 429 }, 500],
    [coded('EACCES'), 500],
    [new TypeError('x'), 500],
    [undefined, 500],
  ] as [unknown, number][])('takes nothing over from the answers of others: %p gives %d', (error, status) => {
    const problem = toProblem(error);
    expect(problem.status).toBe(status);
    expect(problem).not.toHaveProperty('code');
  });

  it('names the sentinel where nothing of ours decides, which says nothing about the status', () => {
    const plain = { type: 'about:blank', title: 'Internal Server Error', status: 500, code: 'PROBLEM_EOF' };
    for (const around of [EOF, wrap(EOF, 'x'), join(new Error('y'), EOF), mark(new Error('y'), EOF)]) {
      expect(toProblem(around)).toEqual(plain);
    }
    expect(toProblem(wrap(EOF, 'x'), { message: true, type: (code) => `urn:${code}` })).toEqual({
      ...plain,
      type: 'urn:PROBLEM_EOF',
      detail: 'end of file',
    });
    expect(toProblem(join(EOF, coded('ETIMEDOUT')))).toMatchObject({ status: 504, code: 'PROBLEM_EOF' });
    expect(toProblem(wrap(new NotFound({ what: 'x' }, { cause: EOF }), 'x'))['code']).toBe('PROBLEM_NOT_FOUND');
    for (const silent of [sentinel('without a code'), coded('PROBLEM_EOF'), mark(new Error('y'), sentinel('z'))]) {
      expect(toProblem(silent)).not.toHaveProperty('code');
    }
    expect(toProblem(opaque(EOF))['code']).toBe('ERR_OPAQUE');
  });

  it('does not pass on the status of another service', () => {
    const remote = fromProblem({ status: 404, code: 'THEIRS' });
    expect(toProblem(remote)).toEqual({ type: 'about:blank', title: 'Internal Server Error', status: 500 });
    expect(toProblem(fromProblem({ status: 503 })).status).toBe(503);
  });

  it('keeps messages to itself from 500 on, unless told otherwise', () => {
    expect(toProblem(coded('ECONNREFUSED'))).not.toHaveProperty('detail');
    expect(toProblem(wrap(coded('ECONNREFUSED'), 'x'), { message: true }).detail).toBe('secret host db-1');
    expect(toProblem(new Error('why'), { message: true }).detail).toBe('why');
    expect(toProblem(new NotFound({ what: 'user' }), { message: false })).not.toHaveProperty('detail');
    expect(toProblem(wrap(new DOMException('gone', 'AbortError'), 'x')).detail).toBe('gone');
  });

  it('gives the details of the node that decided as extension members, redacted, on request', () => {
    const error = wrap(new NotFound({ what: 'user', password: 'p' }), 'x', { details: { internal: 1 } });
    expect(toProblem(error)).not.toHaveProperty('what');
    const problem = toProblem(error, { details: true });
    expect(problem).toMatchObject({ what: 'user', password: '[redacted]' });
    expect(problem).not.toHaveProperty('internal');
    expect(toProblem(new Error('x'), { details: true })).toEqual({
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
    });
  });

  it('gives the members of details that have a toJSON of their own', () => {
    class Page {
      readonly page = 7;
      toJSON(): string {
        return 'abc';
      }
    }
    const Torn = defineError('Torn', { code: 'PROBLEM_TORN', http: 400 });
    for (const details of [new Page(), { page: 7, toJSON: () => null }]) {
      const { page, ...rest } = toProblem(new Torn(details), { details: true });
      expect(page).toBe(7);
      expect(Object.keys(rest)).toEqual(['type', 'title', 'status', 'detail', 'code']);
    }
  });

  it('lets no detail replace a member of the standard', () => {
    const Odd = defineError('Odd', { code: 'PROBLEM_ODD', http: 410 });
    const details = { type: 1, title: 2, status: 3, detail: 4, instance: 5, code: 6, retryAfterMs: 7, left: 8 };
    expect(toProblem(new Odd(details), { details: true, message: false })).toEqual({
      type: 'about:blank',
      title: 'Gone',
      status: 410,
      code: 'PROBLEM_ODD',
      left: 8,
    });
  });

  it('names type and instance', () => {
    const error = new NotFound({ what: 'user' });
    expect(toProblem(error, { type: 'https://errors.example/x', instance: '/users/7' })).toMatchObject({
      type: 'https://errors.example/x',
      instance: '/users/7',
    });
    expect(toProblem(error, { type: (code) => `urn:${code}` }).type).toBe('urn:PROBLEM_NOT_FOUND');
    expect(toProblem(new Error('x'), { type: (code) => `urn:${code}` }).type).toBe('about:blank');
    expect(
      toProblem(error, {
        type: () => {
          throw new Error('no');
        },
      }).type,
    ).toBe('about:blank');
  });

  it('tells when to try again, if ever', () => {
    expect(toProblem(transient(new NotFound({ what: 'x' }), { retryAfterMs: 5 }))['retryAfterMs']).toBe(5);
    expect(toProblem(new NotFound({ what: 'x' }, { retryAfterMs: Infinity }))).not.toHaveProperty('retryAfterMs');
  });

  it('tells nothing of stack, cause, or what was attached', () => {
    const error = new NotFound({ what: 'user' }, { cause: new Error('inner') });
    attach(error, new Error('secondary'));
    expect(Object.keys(toProblem(error))).toEqual(['type', 'title', 'status', 'detail', 'code']);
  });

  it('has a phrase for every status', () => {
    const titleOf = (http: number): string => {
      class Stated extends PatternError {
        static override readonly http: number = http;
      }
      return toProblem(new Stated()).title;
    };
    expect([503, 499, 451, 477, 599, 999].map(titleOf)).toEqual([
      'Service Unavailable',
      'Client Closed Request',
      'Unavailable For Legal Reasons',
      'Bad Request',
      'Internal Server Error',
      'Status 999',
    ]);
  });

  it('never throws', () => {
    const trapped = new Proxy(new NotFound({ what: 'x' }), {
      get: () => {
        throw new Error('no');
      },
    });
    expect(toProblem(trapped, { details: true, message: true }).status).toBe(500);
  });
});

describe('fromProblem', () => {
  it('gives the class or the sentinel that is registered under the code', () => {
    const original = new NotFound({ what: 'user' }, { retryAfterMs: 5 });
    const back = fromProblem(JSON.parse(JSON.stringify(toProblem(wrap(original, 'x'), { details: true }))));
    expect(back).toBeInstanceOf(NotFound);
    expect(back).toMatchObject({ name: 'NotFound', message: 'no user', details: { what: 'user' }, retryAfterMs: 5 });
    expect(back.cause).toBeUndefined();
    expect(fromProblem({ code: 'PROBLEM_EOF', status: 500 })).toBe(EOF);
    expect(fromProblem({ code: 'PROBLEM_EOF', status: 500 }, { registry: [] })).toBeInstanceOf(RemoteError);
  });

  it('gives what is made elsewhere, but for the sentinel', () => {
    for (const code of ['PROBLEM_NOT_FOUND', 'THEIRS', 'ERR_JOINED'])
      expect(isRemote(fromProblem({ code }))).toBe(true);
    expect(isRemote(fromProblem({ code: 'PROBLEM_EOF' }))).toBe(false);
  });

  it('gives an error of several with none of them, to which nothing can be added', () => {
    const joined = fromProblem({ code: 'ERR_JOINED', title: 'both' });
    expect(joined).toBeInstanceOf(JoinedError);
    expect(as(joined, JoinedError)?.errors).toEqual([]);
    expect(Object.isFrozen(as(joined, JoinedError)?.errors)).toBe(true);
  });

  it('takes no function for a member', () => {
    const remote = fromProblem({ status: 404, more: 1, toJSON: () => 'text', call: () => 1 });
    expect(remote).toMatchObject({ status: 404, message: 'Not Found' });
    expect(Reflect.get(remote, 'details')).toStrictEqual({ more: 1 });
  });

  it('gives a RemoteError of the kind of the status otherwise', () => {
    const remote = fromProblem({
      type: 'urn:x',
      title: 'Too Many',
      status: 429,
      detail: 'slow down',
      instance: '/x',
      code: 'THEIRS',
      retryAfterMs: 7,
      limit: 5,
    });
    expect(remote).toBeInstanceOf(RemoteError);
    expect(remote).toMatchObject({
      name: 'RemoteError',
      message: 'slow down',
      code: 'THEIRS',
      status: 429,
      retryAfterMs: 7,
      details: { limit: 5 },
    });
    expect(Reflect.get(remote, 'details')).toStrictEqual({ limit: 5 });
    expect(classify(remote)).toEqual({ kind: 'throttled', retryable: true, retryAfterMs: 7 });
    expect(is(wrap(remote, 'x'), 'THEIRS')).toBe(true);
    expect(serialize(remote)).toMatchObject({
      code: 'THEIRS',
      kind: 'throttled',
      details: { limit: 5 },
      fields: { status: 429 },
    });
  });

  it('takes members of a wrong type for absent', () => {
    const remote = fromProblem({ title: 5, status: '503', detail: [], code: 7, retryAfterMs: -1, more: 1 });
    expect(remote).toMatchObject({
      message: 'unknown problem',
      code: 'ERR_REMOTE',
      status: undefined,
      details: { more: 1 },
    });
    expect(classify(remote)).toEqual({ kind: 'unknown', retryable: true });
    for (const [retryAfterMs, expected] of [
      [-1, undefined],
      ['5', undefined],
      [null, undefined],
      [0, 0],
    ]) {
      expect(Reflect.get(fromProblem({ status: 503, retryAfterMs }), 'retryAfterMs')).toBe(expected);
    }
    expect(fromProblem({}).message).toBe('unknown problem');
    expect(fromProblem({ status: 404 }).message).toBe('Not Found');
    expect(fromProblem({ status: 404, title: 'Gone fishing' }).message).toBe('Gone fishing');
    expect(fromProblem({ status: 200 })).toMatchObject({ status: undefined });
  });

  it('refuses what is no object, exceeds a limit or cannot be read', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    for (const json of [undefined, null, 'text', 5, [], proxy, { detail: 'x'.repeat(70_000) }])
      expect(() => fromProblem(json)).toThrow(DeserializeError);
    expect(() => fromProblem([])).toThrow('not a problem: not an object');
    expect(() => fromProblem({ detail: 'x'.repeat(100) }, { maxBytes: 50 })).toThrow('more than 50 bytes');
    let nested: unknown = 1;
    for (let i = 0; i < 200; i++) nested = [nested];
    expect(() => fromProblem({ nested })).toThrow(DeserializeError);
  });

  it('leaves prototypes alone', () => {
    const remote = fromProblem(JSON.parse('{"__proto__":{"polluted":1},"constructor":{"a":1},"toString":1}'));
    expect(Object.getPrototypeOf(remote)).toBe(RemoteError.prototype);
    expect(String(remote)).toBe('RemoteError: unknown problem');
  });
});
