import { defineError } from './define-error.ts';
import { deserialize } from './deserialize.ts';
import { join } from './join.ts';
import { permanent } from './markers.ts';
import { opaque } from './opaque.ts';
import { attach } from './attach.ts';
import { PatternError } from './pattern-error.ts';
import { register } from './registry.ts';
import { serialize } from './serialize.ts';
import { wrap } from './wrap.ts';

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

const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** A list that says it has two elements, and then something else. */
const listOf = (length: unknown): unknown[] => {
  let asked = 0;
  return new Proxy([1, 2], {
    get: (target, key, receiver): unknown => {
      if (key !== 'length' || asked++ === 0) return Reflect.get(target, key, receiver);
      if (length === 'throw') throw new Error('no');
      return length;
    },
  });
};

describe('serialize', () => {
  it('gives plain JSON: no stack, nothing that is not there', () => {
    expect(serialize(new TypeError('wrong'))).toEqual({
      type: 'error',
      version: 1,
      name: 'TypeError',
      message: 'wrong',
    });
  });

  it('tells what the class and the error state', () => {
    const error = new NotFound({ id: '7' }, { retryAfterMs: Infinity, policy: 'store', cause: 'gone' });
    expect(serialize(error)).toEqual({
      type: 'error',
      version: 1,
      name: 'NotFound',
      message: 'no 7',
      code: 'WIRE_NOT_FOUND',
      kind: 'client',
      retryAfterMs: null,
      policy: 'store',
      details: { id: '7' },
      cause: { type: 'value', value: 'gone' },
    });
    expect(serialize(permanent(new Error('x'))).retryable).toBe(false);
  });

  it('keeps other own enumerable scalars as fields, and nothing else', () => {
    const error = Object.assign(new Error('x'), {
      errno: -111,
      syscall: 'connect',
      ok: false,
      nothing: null,
      socket: {},
      when: new Date(),
      size: 5n,
      retry: () => 1,
      ratio: NaN,
      missing: undefined,
    });
    expect(serialize(error).fields).toEqual({ errno: -111, syscall: 'connect', ok: false, nothing: null });
  });

  it('adds the stack if asked to', () => {
    const error = wrap(new Error('inner'), 'outer');
    const { stack, cause } = serialize(error, { stack: true });
    expect(stack).toBe(error.stack);
    expect(cause).toMatchObject({ stack: (error.cause as Error).stack });
    expect(serialize(error, { stack: false })).not.toHaveProperty('stack');
  });

  it('makes JSON of details as JSON.stringify would, but drops what that would choke on', () => {
    const cyclic: Record<string, unknown> = { name: 'a' };
    cyclic['self'] = cyclic;
    cyclic['list'] = [cyclic, 1];
    const details = {
      big: 5n,
      date: new Date(0),
      nan: NaN,
      list: [undefined, () => 1, 1],
      none: undefined,
      symbol: Symbol('s'),
      call: () => 1,
      cyclic,
      url: new URL('http://x/'),
      error: Object.assign(new TypeError('inside'), { code: 'IN', secretive: 1 }),
      broken: {
        toJSON: () => {
          throw new Error('no');
        },
      },
      same: {
        toJSON(): unknown {
          return this;
        },
      },
      get bad(): never {
        throw new Error('no');
      },
    };
    expect(serialize(wrap(new Error('x'), 'y', { details })).details).toEqual({
      big: '5',
      date: '1970-01-01T00:00:00.000Z',
      nan: null,
      list: [null, null, 1],
      cyclic: { name: 'a', list: [null, 1] },
      url: 'http://x/',
      error: { name: 'TypeError', message: 'inside', code: 'IN' },
      same: {},
    });
  });

  it.each<[string, () => unknown]>([
    ['null', () => null],
    ['a text', () => 'text'],
    ['a list', () => [1]],
    ['other members', () => ({ b: 2 })],
    [
      'an error',
      () => {
        throw new Error('no');
      },
    ],
  ])('sends details member by member, though a toJSON of theirs has %s to say', (_, toJSON) => {
    const made = serialize(wrap(new Error('x'), 'y', { details: { a: 1, toJSON } }));
    expect(made.details).toEqual({ a: 1 });
    expect(deserialize(made)).toMatchObject({ details: { a: 1 } });
  });

  it('tells of a Response what classify reads of it, and no more', () => {
    const headers = { 'retry-after': '2', 'set-cookie': 'secret' };
    const valueOf = (cause: unknown): unknown => serialize(new Error('x', { cause })).cause;
    expect(valueOf(new Response('body', { status: 503, headers }))).toEqual({
      type: 'value',
      value: { status: 503, headers: { 'retry-after': '2' } },
    });
    expect(valueOf(new Response(null, { status: 404 }))).toEqual({ type: 'value', value: { status: 404 } });
  });

  it('has no negative zero, as JSON has none', () => {
    const error = Object.assign(wrap('x', 'y', { details: { list: [-0] } }), { offset: -0 });
    expect(serialize(error)).toMatchObject({ details: { list: [0] }, fields: { offset: 0 } });
  });

  it('shows a value that stands in two places twice: only a cycle is dropped', () => {
    const shared = { a: 1 };
    expect(serialize(wrap('x', 'y', { details: { one: shared, two: shared } })).details).toEqual({
      one: shared,
      two: shared,
    });
    const last = new Error('last');
    const retried = Object.assign(new Error('gave up', { cause: last }), { errors: [new Error('first'), last] });
    expect(serialize(retried)).toMatchObject({
      cause: { message: 'last' },
      errors: [{ message: 'first' }, { message: 'last' }],
    });
  });

  it('drops a cause that is a cycle, or no JSON', () => {
    const [a, b] = [new Error('a'), new Error('b')];
    a.cause = b;
    b.cause = a;
    expect(serialize(a)).toEqual({
      type: 'error',
      version: 1,
      name: 'Error',
      message: 'a',
      cause: { type: 'error', version: 1, name: 'Error', message: 'b' },
    });
    expect(serialize(new Error('x', { cause: () => 1 }))).not.toHaveProperty('cause');
    expect(serialize(new Error('x', { cause: 5n }))).toMatchObject({ cause: { type: 'value', value: '5' } });
    expect(serialize(new Error('x', { cause: { a: [1] } }))).toMatchObject({
      cause: { type: 'value', value: { a: [1] } },
    });
  });

  it('carries a value that is no error as the cause of one', () => {
    expect(serialize('text')).toMatchObject({
      name: 'PatternError',
      message: 'text',
      code: 'ERR_PATTERN',
      cause: { type: 'value', value: 'text' },
    });
    expect(serialize(undefined)).toMatchObject({ name: 'PatternError', message: 'undefined' });
  });

  it('tells what a response says, as that does not cross the wire', () => {
    const answered = Object.assign(new Error('x'), {
      name: 'HTTPError',
      code: 'ERR_NON_2XX',
      response: { statusCode: 503, headers: { 'retry-after': '7' } },
    });
    expect(serialize(answered)).toMatchObject({ kind: 'unavailable', retryAfterMs: 7_000 });
    expect(serialize(Object.assign(new Error('x'), { status: 503 }))).not.toHaveProperty('kind');
    expect(serialize(Object.assign(new Error('x'), { code: 14, details: 'down' }))).toMatchObject({
      code: 14,
      kind: 'unavailable',
      fields: { details: 'down' },
    });
    expect(serialize(new DOMException('gone', 'AbortError'))).toEqual({
      type: 'error',
      version: 1,
      name: 'AbortError',
      message: 'gone',
    });
  });

  it('hides from the wire what is hidden here', () => {
    const text = JSON.stringify(serialize(attach(opaque(new Error('hidden'), 'shown'), new Error('secondary'))));
    expect(text).toContain('shown');
    expect(text).not.toMatch(/hidden|secondary/);
  });

  describe('redaction', () => {
    const error = wrap(Object.assign(new Error('x', { cause: { password: 'p' } }), { apiKey: 'k', token: 't' }), 'y', {
      details: { Authorization: 'a', nested: [{ access_token: 'b', ssn: 'c' }], 'set-cookie': ['d'], cookies: 'e' },
    });
    const detailsWith = (
      redact: Parameters<typeof serialize>[1] extends infer O
        ? NonNullable<O> extends { redact?: infer R }
          ? R
          : never
        : never,
    ) => serialize(error, { redact }).details;

    it('hides the values of secret keys by default, also in fields and values', () => {
      expect(detailsWith(undefined)).toEqual({
        Authorization: '[redacted]',
        nested: [{ access_token: '[redacted]', ssn: 'c' }],
        'set-cookie': '[redacted]',
        cookies: 'e',
      });
      expect(serialize(error).cause).toMatchObject({
        fields: { apiKey: '[redacted]', token: 't' },
        cause: { value: { password: '[redacted]' } },
      });
    });

    it('takes a list instead: strings exactly, expressions wherever they match', () => {
      expect(detailsWith(['ssn', /cook/g])).toEqual({
        Authorization: 'a',
        nested: [{ access_token: 'b', ssn: '[redacted]' }],
        'set-cookie': '[redacted]',
        cookies: '[redacted]',
      });
      expect(detailsWith(['SSN'])).toMatchObject({ nested: [{ ssn: 'c' }] });
    });

    it('takes a predicate, and keeps secret what it fails to decide', () => {
      expect(detailsWith((key, value) => key === 'cookies' && value === 'e')).toMatchObject({
        Authorization: 'a',
        cookies: '[redacted]',
      });
      expect(
        detailsWith(() => {
          throw new Error('no');
        }),
      ).toEqual({
        Authorization: '[redacted]',
        nested: '[redacted]',
        'set-cookie': '[redacted]',
        cookies: '[redacted]',
      });
    });

    it('asks about elements, whose key is their index', () => {
      const asked: [string, unknown][] = [];
      const details = { keys: ['sk_2', 1, ['sk_3'], { k: 'sk_5' }, undefined, () => 1, Symbol('s')] };
      const made = serialize(Object.assign(new Error('x', { cause: ['sk_6', 'id'] }), { details }), {
        redact: (key, value) => {
          asked.push([key, value]);
          return typeof value === 'string' && value.startsWith('sk_');
        },
      });
      expect(made).toMatchObject({
        details: { keys: ['[redacted]', 1, ['[redacted]'], { k: '[redacted]' }, null, null, null] },
        cause: { type: 'value', value: ['[redacted]', 'id'] },
      });
      expect(asked).toEqual([
        ['cause', ['sk_6', 'id']],
        ['0', 'sk_6'],
        ['1', 'id'],
        ['keys', details.keys],
        ['0', 'sk_2'],
        ['1', 1],
        ['2', ['sk_3']],
        ['0', 'sk_3'],
        ['3', { k: 'sk_5' }],
        ['k', 'sk_5'],
      ]);
    });

    it('asks about causes that are no errors, whose key is where they stand', () => {
      const tree = new AggregateError(['sk_1', new Error('sk_2'), 'id'], 'x', { cause: 'sk_3' });
      const redact = (_: string, value: unknown): boolean => typeof value === 'string' && value.startsWith('sk_');
      const secret = { type: 'value', value: '[redacted]' };
      expect(serialize(tree, { redact })).toMatchObject({
        // What a message says is sent as it is.
        errors: [secret, { type: 'error', message: 'sk_2' }, { type: 'value', value: 'id' }],
        cause: secret,
      });
      expect(serialize(tree, { redact: ['cause', '1', '2'] })).toMatchObject({
        errors: [{ value: 'sk_1' }, { type: 'error', message: 'sk_2' }, secret],
        cause: secret,
      });
      expect(serialize(new Error('x', { cause: () => 1 }), { redact: () => true })).not.toHaveProperty('cause');
    });

    it('hides elements by a list only if that names their index', () => {
      const list = { tags: ['password', 'cookies', { password: 'p', id: '7' }] };
      const detailsOf = (redact?: (string | RegExp)[]) =>
        serialize(wrap('x', 'y', { details: list }), { redact }).details;
      const hidden = { tags: ['password', 'cookies', { password: '[redacted]', id: '7' }] };
      expect(detailsOf()).toEqual(hidden);
      expect(detailsOf(['password', /^cook/])).toEqual(hidden);
      expect(detailsOf(['1'])).toEqual({ tags: ['password', '[redacted]', { password: 'p', id: '7' }] });
    });

    it('can be turned off', () => {
      expect(detailsWith(false)).toMatchObject({ Authorization: 'a', 'set-cookie': ['d'] });
    });
  });

  describe('limits', () => {
    const chain = (length: number): Error => {
      let error = new Error('1');
      for (let i = 2; i <= length; i++) error = new Error(String(i), { cause: error });
      return error;
    };
    const depthOf = (node: unknown): number =>
      node === undefined ? 0 : 1 + depthOf((node as { cause?: unknown }).cause);

    it('shows sixteen nodes from the outermost to the innermost, and says that there were more', () => {
      expect(depthOf(serialize(chain(16)))).toBe(16);
      expect(JSON.stringify(serialize(chain(16)))).not.toContain('truncated');
      expect(depthOf(serialize(chain(17)))).toBe(16);
      expect(JSON.stringify(serialize(chain(17)))).toContain('"message":"2","truncated":true');
      expect(depthOf(serialize(chain(17), { maxDepth: 3 }))).toBe(3);
      expect(depthOf(serialize(chain(17), { maxDepth: NaN }))).toBe(16);
    });

    it('shows 64 errors of an aggregate', () => {
      const many = (count: number) => serialize(new AggregateError(Array.from({ length: count }, () => 'x')));
      expect(many(64)).not.toHaveProperty('truncated');
      expect(many(65)).toMatchObject({ truncated: true });
      expect(many(65).errors).toHaveLength(64);
      expect(serialize(join('a', 'b', 'c'), { maxBreadth: 2 }).errors).toHaveLength(2);
      expect(serialize(join('a'), { maxBreadth: 0 })).toMatchObject({ errors: [], truncated: true });
    });

    it('neither overflows nor slows down without limits', () => {
      const none = { maxDepth: Infinity, maxBreadth: Infinity, maxBytes: Infinity };
      let node: unknown = serialize(chain(20_000), none);
      let depth = 0;
      for (; node !== undefined; node = (node as { cause?: unknown }).cause) depth++;
      expect(depth).toBe(20_000);
      expect(
        serialize(new AggregateError(Array.from({ length: 20_000 }, () => new Error('x'))), none).errors,
      ).toHaveLength(20_000);
    });

    it('cuts a message that is too long, and keeps room for the causes', () => {
      const made = serialize(new Error('é'.repeat(1_000_000), { cause: new Error('why') }));
      expect(made).toMatchObject({ truncated: true, cause: { message: 'why' } });
      expect(made.message.length).toBeGreaterThan(10_000);
      expect(sizeOf(made)).toBeLessThanOrEqual(65_536);
    });

    it('prefers causes to details, and details to stacks', () => {
      const big = { blob: 'x'.repeat(400), id: 1 };
      const error = wrap(new Error('inner'), 'outer', { details: big });
      const made = serialize(error, { maxBytes: 400, stack: true });
      expect(made).toMatchObject({ truncated: true, details: { id: 1 }, cause: { message: 'inner' } });
      expect(made).not.toHaveProperty('stack');
    });

    it('leaves out what does not fit of a cause that is no error, and says so', () => {
      const made = serialize(new Error('x', { cause: { blob: 'x'.repeat(1_000), id: 1 } }), { maxBytes: 400 });
      expect(made).toMatchObject({ truncated: true, cause: { type: 'value', value: { id: 1 } } });
    });

    it('cuts off what is nested too deep', () => {
      let nested: unknown = 'deep';
      for (let i = 0; i < 10_000; i++) nested = { nested };
      const made = serialize(wrap('x', 'y', { details: { nested, shallow: 1 } }));
      expect(made).toMatchObject({ truncated: true, details: { shallow: 1 } });
      expect(deserialize(made)).toBeInstanceOf(Error);
    });
  });

  it('never throws', () => {
    const { proxy, revoke } = Proxy.revocable(new Error('x'), {});
    revoke();
    const trap = (): never => {
      throw new Error('no');
    };
    const trapped = new Proxy(new Error('x'), { get: trap, ownKeys: trap, getOwnPropertyDescriptor: trap, has: trap });
    const getters = Object.defineProperties(new Error('x'), {
      message: { get: trap },
      name: { get: trap },
      cause: { get: trap },
      code: { get: trap, enumerable: true },
    });
    for (const hostile of [
      proxy,
      trapped,
      getters,
      Object.freeze(new Error('x')),
      Symbol('s'),
      Object.create(null),
      new Error('x', { cause: trapped }),
      new Error('x', { cause: listOf(Symbol('s')) }),
    ]) {
      expect(serialize(hostile, { stack: true })).toMatchObject({ type: 'error', version: 1 });
    }
    for (const length of ['throw', Symbol('s'), NaN, Infinity, '2', -1]) {
      expect(serialize(Object.assign(new Error('x'), { errors: listOf(length) }))).toMatchObject({ errors: [] });
    }
  });

  it('redacts by default for a null, and everything for what is no redaction', () => {
    const error = wrap(new Error('x'), 'y', { details: { a: 1, password: 'p' } });
    const detailsWith = (redact: unknown): unknown => serialize(error, { redact: redact as boolean }).details;
    expect(detailsWith(null)).toEqual({ a: 1, password: '[redacted]' });
    for (const nonsense of [5, 'a', /a/, {}, [Symbol('s')]]) {
      expect(detailsWith(nonsense)).toEqual({ a: '[redacted]', password: '[redacted]' });
    }
  });
});
