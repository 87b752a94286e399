import { classify } from './classify.ts';
import { defineError } from './define-error.ts';
import { deserialize } from './deserialize.ts';
import { DeserializeError } from './deserialize-error.ts';
import { as } from './find.ts';
import { isRemote } from './is-remote.ts';
import { is } from './is.ts';
import { join, JoinedError } from './join.ts';
import { mark } from './mark.ts';
import { permanent, transient } from './markers.ts';
import { opaque } from './opaque.ts';
import { PatternError } from './pattern-error.ts';
import { register } from './registry.ts';
import { RemoteError } from './remote-error.ts';
import { sentinel } from './sentinel.ts';
import { serialize } from './serialize.ts';
import type { SerializedError } from './serialized-error.ts';
import { wrap, WrappedError } from './wrap.ts';

class NotFound extends defineError('NotFound', {
  code: 'WIRE_NOT_FOUND',
  http: 404,
  message: (d: { id: string }) => `no ${d.id}`,
}) {}
class Refused extends PatternError {
  static readonly code: string = 'WIRE_REFUSED';
  override readonly name = 'AbortError';
  override readonly code = 'WIRE_REFUSED';
  readonly state: string = 'open';
  get upper(): string {
    return this.state.toUpperCase();
  }
}
register(Refused);
const EOF = sentinel('end of file', { code: 'WIRE_EOF' });

const wire = (error: unknown, options?: Parameters<typeof serialize>[1]): SerializedError =>
  JSON.parse(JSON.stringify(serialize(error, options))) as SerializedError;
const roundTrip = (error: unknown): Error => deserialize(wire(error));

describe('deserialize', () => {
  it('gives instances of registered classes, without running their constructors', () => {
    const back = roundTrip(
      new NotFound({ id: '7' }, { retryAfterMs: Infinity, policy: 'p', cause: new RangeError('why') }),
    );
    expect(back).toBeInstanceOf(NotFound);
    expect(back).toMatchObject({
      name: 'NotFound',
      message: 'no 7',
      code: 'WIRE_NOT_FOUND',
      details: { id: '7' },
      retryAfterMs: Infinity,
      policy: 'p',
    });
    expect(back.cause).toBeInstanceOf(RangeError);
    const refused = as(roundTrip(new Refused('no')), Refused);
    expect(refused).toMatchObject({ name: 'AbortError', code: 'WIRE_REFUSED', state: 'open', upper: 'OPEN' });
    let ran = 0;
    class Counting extends PatternError {
      static readonly code: string = 'WIRE_COUNTING';
      override readonly code = 'WIRE_COUNTING';
      constructor() {
        super('x');
        ran++;
      }
    }
    register(Counting);
    expect(
      deserialize({ type: 'error', version: 1, name: 'Counting', message: 'm', code: 'WIRE_COUNTING' }),
    ).toBeInstanceOf(Counting);
    expect(ran).toBe(0);
  });

  it('gives the sentinel itself, untouched', () => {
    const back = roundTrip(wrap(EOF, 'reading'));
    expect(is(back, EOF)).toBe(true);
    expect(deserialize({ ...wire(EOF), cause: wire('x'), fields: { hacked: true }, policy: 'p' })).toBe(EOF);
    expect(Object.keys(EOF)).toEqual(['code']);
    expect(EOF.cause).toBeUndefined();
  });

  it('gives the standard classes as they were', () => {
    for (const type of [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError]) {
      const back = roundTrip(Object.assign(new type('m'), { code: 'C', errno: -1 }));
      expect(Object.getPrototypeOf(back)).toBe(type.prototype);
      expect(back).toMatchObject({ message: 'm', code: 'C', errno: -1, stack: `${type.name}: m` });
    }
    const back = roundTrip(new AggregateError([new Error('a'), 'b'], 'm')) as AggregateError;
    expect(back).toBeInstanceOf(AggregateError);
    expect(back.errors).toEqual([new Error('a'), 'b']);
    expect(Object.keys(back)).toEqual([]);
    expect((roundTrip(new AggregateError([])) as AggregateError).errors).toEqual([]);
    expect((roundTrip(new AggregateError(['a', null, 'b'])) as AggregateError).errors).toEqual(['a', null, 'b']);
    expect(roundTrip(new Error('m', { cause: null }))).toHaveProperty('cause', null);
  });

  it('keeps the class of everything that is made here', () => {
    const original = wrap(
      join(
        permanent(new Error('a')),
        transient('b', { retryAfterMs: 5 }),
        opaque(new Error('c')),
        new DeserializeError('d'),
      ),
      'w',
      { details: { id: 1 } },
    );
    const back = roundTrip(original);
    const shape = (error: unknown): unknown => ({
      type: (error as object).constructor,
      message: (error as Error).message,
    });
    expect(shape(back)).toEqual(shape(original));
    const joined = as(back, JoinedError) as JoinedError;
    expect(joined.errors.map(shape)).toEqual((as(original, JoinedError) as JoinedError).errors.map(shape));
    expect(Object.isFrozen(joined.errors)).toBe(true);
    expect(joined).toBeInstanceOf(PatternError);
    expect(wire(back)).toEqual(wire(original));
    expect(roundTrip(new PatternError('x', { code: 'WIRE_CUSTOM' }))).toMatchObject({
      constructor: PatternError,
      code: 'WIRE_CUSTOM',
    });
  });

  it('keeps a mark if its reference is registered', () => {
    expect(is(roundTrip(mark(new Error('x'), EOF)), EOF)).toBe(true);
    const unregistered = sentinel('own');
    expect(is(roundTrip(mark(new Error('x'), unregistered)), unregistered)).toBe(false);
    expect(is(deserialize(wire(mark(new Error('x'), EOF)), { registry: [] }), EOF)).toBe(false);
    expect(is(deserialize(wire(mark(new Error('x'), EOF)), { registry: [EOF] }), EOF)).toBe(true);
  });

  it('takes no class for a mark, as the error is no instance of it', () => {
    for (const marked of ['WIRE_NOT_FOUND', 'ERR_WRAPPED', 'WIRE_NOBODY']) {
      const json = {
        type: 'error',
        version: 1,
        name: 'MarkedError',
        message: 'm',
        code: 'ERR_MARKED',
        fields: { marked },
      };
      const back = deserialize(json);
      expect([is(back, NotFound), is(back, WrappedError), 'marked' in back]).toEqual([false, false, false]);
    }
    const late = mark(new Error('x'), EOF);
    Object.assign(late, { marked: 'WIRE_NOT_FOUND', [Symbol.for('@patterns/errors/reference')]: undefined });
    expect(is(late, NotFound)).toBe(false);
  });

  it('sets the stack that came along, or one that says where it is from', () => {
    const error = new NotFound({ id: '7' });
    expect(deserialize(wire(error, { stack: true })).stack).toBe(error.stack);
    const { stack } = roundTrip(error);
    expect(stack).toBe('NotFound: no 7');
    expect(Object.keys(roundTrip(error))).not.toContain('stack');
  });

  it('leaves on each error, of whatever class, that it was made elsewhere', () => {
    for (const error of [
      new NotFound({ id: '7' }),
      new Error('x'),
      new RangeError('x'),
      wrap('x', 'y'),
      join(EOF, 5),
    ]) {
      expect(isRemote(error)).toBe(false);
      expect(isRemote(roundTrip(error))).toBe(true);
    }
    const wrapped = roundTrip(wrap(new NotFound({ id: '7' }), 'loading'));
    expect(isRemote(wrapped.cause)).toBe(true);
    // The sentinel itself, which is nobody's, and what wraps one here.
    expect(isRemote(roundTrip(EOF))).toBe(false);
    expect(isRemote(wrap(wrapped, 'here'))).toBe(false);
    for (const value of [undefined, null, 5, 'x', Proxy.revocable({}, {}).proxy]) expect(isRemote(value)).toBe(false);
  });

  it('copies what it is given', () => {
    const json = { type: 'error', version: 1, name: 'X', message: 'm', details: { list: [1] } };
    const back = as(deserialize(json), RemoteError);
    json.details.list.push(2);
    expect(back?.details).toEqual({ list: [1] });
  });

  describe('of a class that is unknown here', () => {
    class Foreign extends Error {
      override readonly name = 'ForeignError';
      code: string | number = 'FOREIGN';
      state = 'lost';
      statusCode = 503;
    }

    it('gives a RemoteError that says what it said', () => {
      const original = wrap(
        Object.assign(new Foreign('m', { cause: EOF }), { details: { a: 1 }, retryAfterMs: 5, policy: 'p' }),
        'w',
      );
      const remote = as(roundTrip(original), RemoteError);
      expect(remote).toMatchObject({
        name: 'ForeignError',
        message: 'm',
        code: 'FOREIGN',
        remote: true,
        status: 503,
        state: 'lost',
        details: { a: 1 },
        retryAfterMs: 5,
        policy: 'p',
        cause: EOF,
      });
      expect(is(remote, 'FOREIGN')).toBe(true);
      expect(classify(remote)).toEqual(classify(original));
      expect(remote?.stack).toBe('ForeignError: m');
    });

    it('has a code in words, and the original one in its serialised form', () => {
      const numeric = wire(Object.assign(new Foreign('m'), { code: 7 }));
      expect(deserialize(numeric)).toMatchObject({ code: '7' });
      expect(wire(deserialize(numeric))).toEqual(numeric);
      const codeless = { type: 'error', version: 1, name: 'Odd', message: '' };
      expect(deserialize(codeless)).toMatchObject({ code: 'ERR_REMOTE', details: {}, status: undefined });
      expect(wire(deserialize(codeless))).toEqual(codeless);
    });

    it('never hides what a class or Object gives, and yet loses nothing', () => {
      const json = {
        type: 'error',
        version: 1,
        name: 'Evil',
        message: 'm',
        truncated: true,
        fields: { toString: 1, constructor: 2, hasOwnProperty: null, remote: false, cause: 'x', toJSON: 5, then: 1 },
      };
      const back = deserialize(json);
      expect(String(back)).toBe('Evil: m');
      expect(back.constructor).toBe(RemoteError);
      expect(back).toMatchObject({ remote: true });
      expect(wire(back)).toEqual(json);
    });

    it('says what was said of it there, kind and retryability', () => {
      const json = { type: 'error', version: 1, name: 'Odd', message: '', kind: 'conflict', retryable: true };
      expect(classify(deserialize(json))).toEqual({ kind: 'conflict', retryable: true });
      expect(classify(deserialize({ ...json, name: 'Error' }))).toEqual({ kind: 'conflict', retryable: true });
      expect(wire(deserialize({ ...json, name: 'Error' }))).toEqual({ ...json, name: 'Error' });
      const grpc = Object.assign(new Foreign('m'), { code: 14, details: 'down' });
      expect(classify(roundTrip(grpc))).toEqual({ kind: 'unavailable', retryable: true });
    });
  });

  describe('of what classify reads from places that do not cross', () => {
    class Foreign extends Error {
      override readonly name: string = 'ForeignError';
    }
    class Timeout extends Foreign {
      code = 'ECONNABORTED';
      get isAxiosError(): boolean {
        return true;
      }
    }
    class Rpc extends Foreign {
      get code(): number {
        return 14;
      }
      get details(): string {
        return 'down';
      }
    }
    class Answer extends Foreign {
      get status(): number {
        return 404;
      }
    }
    const later = { 'retry-after': '7' };
    const answered = (status: number, more?: object): Error =>
      Object.assign(new Foreign('x'), { response: { status, headers: later } }, more);
    const hidden = (key: string, value: unknown): Error => Object.defineProperty(new Foreign('x'), key, { value });
    const because = (cause: unknown, more?: object): Error => Object.assign(new Foreign('x', { cause }), more);

    it.each<[string, () => Error, object]>([
      ['a getter of axios', () => new Timeout('x'), { kind: 'timeout', retryable: true }],
      ['getters of gRPC', () => new Rpc('x'), { kind: 'unavailable', retryable: true }],
      ['a getter of a status', () => new Answer('x'), { kind: 'client', retryable: false }],
      ['a status that is not enumerable', () => hidden('status', 404), { kind: 'client', retryable: false }],
      ['a response', () => answered(409), { kind: 'conflict', retryable: false, retryAfterMs: 7_000 }],
      [
        'a response, where the status is none',
        () => answered(409, { status: NaN, statusCode: null }),
        { kind: 'conflict', retryable: false, retryAfterMs: 7_000 },
      ],
      [
        'a header, where the cause states a delay',
        () => because(transient('y', { retryAfterMs: 1 }), { headers: later }),
        { kind: 'transient', retryable: true, retryAfterMs: 1 },
      ],
      [
        'a header, where the next one states a delay',
        () => join(answered(503), new PatternError('x', { retryAfterMs: 1 })) as Error,
        { kind: 'unavailable', retryable: true, retryAfterMs: 1 },
      ],
      [
        'a header, where a cause that is no error states a delay',
        () => because({ retryAfterMs: 1 }, { headers: later }),
        { kind: 'unknown', retryable: true, retryAfterMs: 1 },
      ],
      [
        'a header that another follows',
        () => because(answered(503), { headers: { 'retry-after': '9' } }),
        { kind: 'unavailable', retryable: true, retryAfterMs: 9_000 },
      ],
      [
        'a cause that is a Response',
        () => because(new Response(null, { status: 404, headers: later })),
        { kind: 'client', retryable: false, retryAfterMs: 7_000 },
      ],
      [
        'a cause that has a Response without a header',
        () => because({ response: new Response(null, { status: 503 }) }),
        { kind: 'unavailable', retryable: true },
      ],
    ])('says the same of %s', (_, make, expected) => {
      const original = make();
      expect(classify(original)).toStrictEqual(expected);
      expect(classify(roundTrip(original))).toStrictEqual(expected);
      expect(classify(roundTrip(roundTrip(original)))).toStrictEqual(expected);
    });

    it('says the same where what it is read from is redacted', () => {
      const original = Object.assign(new Foreign('x'), { status: 404, hint: 'h' });
      const json = wire(original, { redact: (key) => key !== 'hint' });
      expect(json.fields).toEqual({ status: '[redacted]', hint: 'h' });
      expect(classify(deserialize(json))).toEqual(classify(original));
    });
  });

  describe('with a list of classes', () => {
    it('brings back those, the standard ones and ours, and no others', () => {
      class Listed extends PatternError {
        static readonly code: string = 'WIRE_LISTED';
        override readonly code = 'WIRE_LISTED';
      }
      const options = { registry: [Listed, EOF] };
      expect(deserialize(wire(new Listed('x')), options)).toBeInstanceOf(Listed);
      expect(deserialize(wire(EOF), options)).toBe(EOF);
      expect(deserialize(wire(EOF), { registry: [] })).not.toBe(EOF);
      expect(deserialize(wire(new NotFound({ id: '7' })), options)).toBeInstanceOf(RemoteError);
      expect(deserialize(wire(new RangeError('x')), options)).toBeInstanceOf(RangeError);
      expect(deserialize(wire(wrap('x', 'y')), options)).toMatchObject({ name: 'WrappedError', cause: 'x' });
    });
  });

  describe('refuses', () => {
    const good = { type: 'error', version: 1, name: 'Error', message: 'm' } as const;
    const bad: [string, unknown, string][] = [
      ['nothing', undefined, 'not a serialized error: not an object'],
      ['null', null, 'not a serialized error: not an object'],
      ['JSON text', JSON.stringify(good), 'not a serialized error: not an object'],
      ['an array', [good], 'not a serialized error: not an object'],
      ['a number', 5, 'not a serialized error: not an object'],
      ['an error', new Error('x'), "not a serialized error: type is not 'error'"],
      ['another type', { ...good, type: 'value' }, "not a serialized error: type is not 'error'"],
      ['another version', { ...good, version: 2 }, 'not a serialized error: version is not 1'],
      ['no name', { ...good, name: undefined }, 'not a serialized error: no name'],
      ['no message at all', { ...good, message: undefined }, 'not a serialized error: no message'],
      ['no message', { ...good, message: 5 }, 'message is no string'],
      ['a code that is none', { ...good, code: {} }, 'code is no string'],
      ['an unknown kind', { ...good, kind: 'toString' }, 'no such kind'],
      ['retryable in words', { ...good, retryable: 'yes' }, 'retryable is no boolean'],
      ['a negative delay', { ...good, retryAfterMs: -1 }, 'retryAfterMs is no delay'],
      ['a delay in words', { ...good, retryAfterMs: '5' }, 'retryAfterMs is no delay'],
      ['an infinite delay', { ...good, retryAfterMs: Infinity }, 'retryAfterMs is no delay'],
      ['a policy that is no text', { ...good, policy: 5 }, 'policy is no string'],
      ['details in a list', { ...good, details: [] }, 'details is no object'],
      ['details in words', { ...good, details: 'x' }, 'details is no object'],
      ['fields that are null', { ...good, fields: null }, 'fields is no object'],
      ['a stack that is no text', { ...good, stack: [] }, 'stack is no string'],
      ['a cause that is none', { ...good, cause: 'x' }, 'not a serialized error: not an object'],
      ['a null cause', { ...good, cause: null }, 'not a serialized error: not an object'],
      ['errors in an object', { ...good, errors: {} }, 'errors is no array'],
      ['errors that are none', { ...good, errors: [5] }, 'not a serialized error: not an object'],
      ['what is no JSON', { ...good, details: { f: () => 1 } }, 'not JSON'],
      ['infinity', { ...good, details: { n: Infinity } }, 'not JSON'],
      ['a value without one', { ...good, cause: { type: 'value' } }, 'not JSON'],
      ['inherited members', Object.create(good), "not a serialized error: type is not 'error'"],
    ];
    it.each(bad)('%s', (_, json, message) => {
      expect(() => deserialize(json)).toThrow(new DeserializeError(message));
      expect(() => deserialize(json)).toThrow(DeserializeError);
    });

    it('no delay that is 0', () => {
      expect(Reflect.get(deserialize({ ...good, retryAfterMs: 0 }) as object, 'retryAfterMs')).toBe(0);
    });

    it('what exceeds a limit', () => {
      const nest = (depth: number): unknown => (depth === 1 ? good : { ...good, cause: nest(depth - 1) });
      expect(() => deserialize(nest(17))).toThrow('deeper than 16 nodes');
      expect(deserialize(nest(16))).toBeInstanceOf(Error);
      expect(deserialize(nest(17), { maxDepth: 17 })).toBeInstanceOf(Error);
      expect(() => deserialize({ ...good, errors: Array.from({ length: 65 }, () => good) })).toThrow(
        'more than 64 errors',
      );
      expect(deserialize({ ...good, errors: Array.from({ length: 64 }, () => good) })).toBeInstanceOf(Error);
      expect(() => deserialize({ ...good, message: 'x'.repeat(70_000) })).toThrow('more than 65536 bytes');
      expect(() => deserialize({ ...good, details: { list: new Array(1e9) } })).toThrow('not JSON');
      let nested: unknown = 1;
      for (let i = 0; i < 10_000; i++) nested = [nested];
      expect(() => deserialize({ ...good, details: { nested } })).toThrow('nested deeper than 100 levels');
      let object: unknown = {};
      for (let level = 2; level < 100; level++) object = { object };
      expect(deserialize({ ...good, details: { object } })).toBeInstanceOf(Error);
      expect(() => deserialize({ ...good, details: { object: { object } } })).toThrow('nested deeper than 100 levels');
      expect(() => deserialize(nest(5_000), { maxDepth: Infinity })).toThrow('more than 65536 bytes');
    });

    it('what throws when it is read', () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      expect(() => deserialize(proxy)).toThrow(DeserializeError);
      expect(() => deserialize({ ...good, cause: proxy })).toThrow(DeserializeError);
      const trapped = new Proxy(good, {
        getOwnPropertyDescriptor: () => {
          throw new Error('no');
        },
      });
      expect(() => deserialize(trapped)).toThrow(DeserializeError);
      const odd = {
        get registry(): never {
          throw new RangeError('mine');
        },
      };
      expect(() => deserialize(good, odd)).toThrow(
        new DeserializeError('not readable', { cause: new RangeError('mine') }),
      );
    });
  });

  it('leaves prototypes alone', () => {
    const back = deserialize(
      JSON.parse(
        '{"type":"error","version":1,"name":"X","message":"m","__proto__":{"a":1},"details":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}},"fields":{"__proto__":null}}',
      ),
    );
    expect(Object.getPrototypeOf(back)).toBe(RemoteError.prototype);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    expect(as(back, RemoteError)?.details).toEqual({ constructor: { prototype: { polluted: 1 } } });
    expect(Object.getPrototypeOf(as(back, RemoteError)?.details)).toBe(Object.prototype);
  });

  it('is classified as what it refused: the mistake of whoever sent it', () => {
    expect(classify(new DeserializeError())).toEqual({ kind: 'client', retryable: false });
  });
});
