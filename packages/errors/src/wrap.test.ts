import { as } from './find.ts';
import { is } from './is.ts';
import { join, JoinedError } from './join.ts';
import { messageOf } from './message-of.ts';
import { PatternError } from './pattern-error.ts';
import { root, unwrap } from './unwrap.ts';
import { wrap, WrappedError } from './wrap.ts';

describe('wrap', () => {
  it('adds context outward and keeps the cause itself', () => {
    const inner = new Error('refused');
    const outer = wrap(wrap(inner, 'connecting'), 'loading user', { details: { id: '7' } });
    expect(outer.message).toBe('loading user: connecting: refused');
    expect(unwrap(unwrap(outer))).toBe(inner);
    expect(outer).toMatchObject({ name: 'WrappedError', code: 'ERR_WRAPPED', details: { id: '7' } });
    expect(Object.keys(outer)).toEqual(['code', 'details']);
    expect(wrap(inner, 'x').details).toEqual({});
  });

  it('gives undefined for null and undefined', () => {
    expect(wrap(undefined, 'x')).toBeUndefined();
    expect(wrap(null, 'x')).toBeUndefined();
  });

  it('wraps what is no error: falsy, but not nullish', () => {
    expect([0, '', false, NaN, 0n].map((value) => wrap(value, 'x').message)).toEqual([
      'x: 0',
      'x',
      'x: false',
      'x: NaN',
      'x: 0',
    ]);
    expect(wrap('', 'x').cause).toBe('');
  });

  it('has a stack that starts where it was made', () => {
    expect(wrap(new Error('x'), 'y').stack).toMatch(/^WrappedError: y: x\n\s+at .*wrap/);
  });

  it('goes a hundred thousand deep', () => {
    let error: unknown = 'leaf';
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    for (let i = 0; i < 100_000; i++) error = wrap(error, 'w');
    Error.stackTraceLimit = limit;
    expect(root(error)).toBe('leaf');
    expect((error as Error).message).toHaveLength(300_004);
    expect(is(error, 'leaf')).toBe(true);
  });
});

describe('messageOf', () => {
  it('says something about everything', () => {
    class Thing {
      readonly weight = 1;
    }
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const cases: [unknown, string][] = [
      [new Error('text'), 'text'],
      [new Error(), ''],
      [{ message: 'shaped' }, 'shaped'],
      [{ message: 5 }, '[object Object]'],
      [new Thing(), '[object Thing]'],
      [Object.create(null), '[object Object]'],
      [
        {
          constructor: { name: '' },
        },
        '[object Object]',
      ],
      [Symbol('s'), 'Symbol(s)'],
      [undefined, 'undefined'],
      [function named() {}, 'function named'],
      [
        (
          () => () =>
            1
        )(),
        'function',
      ],
      [proxy, '[object Object]'],
    ];
    for (const [value, expected] of cases) expect(messageOf(value)).toBe(expected);
  });
});

describe('join', () => {
  it('drops null and undefined, and gives undefined when nothing is left', () => {
    expect(join()).toBeUndefined();
    expect(join(null, undefined)).toBeUndefined();
    expect(join(undefined, new Error('a'), null, 'b')?.errors).toEqual([new Error('a'), 'b']);
  });

  it('has one line for each error', () => {
    expect(join(new Error('a'), 'b', new PatternError('c'))?.message).toBe('a\nb\nc');
  });

  it('wraps a single error too, and leaves nested joins nested', () => {
    const inner = join(new Error('a'));
    expect(inner).toBeInstanceOf(JoinedError);
    expect(join(inner, 'b')?.errors).toEqual([inner, 'b']);
  });

  it('is an AggregateError and an error of ours, and has no single cause', () => {
    const error = join('a', 'b');
    expect(error).toBeInstanceOf(AggregateError);
    expect(error).toBeInstanceOf(PatternError);
    expect(error).toMatchObject({ name: 'JoinedError', code: 'ERR_JOINED' });
    expect(unwrap(error)).toBeUndefined();
    expect(as(wrap(error, 'x'), JoinedError)).toBe(error);
    expect(new AggregateError([]) instanceof JoinedError).toBe(false);
    expect(new PatternError() instanceof JoinedError).toBe(false);
    expect(error instanceof WrappedError).toBe(false);
  });

  it('cannot be added to afterwards', () => {
    expect(Object.isFrozen(join('a')?.errors)).toBe(true);
    expect(Object.keys(join('a') as object)).toEqual(['code']);
  });
});

describe('unwrap and root', () => {
  it('follow the chain of causes', () => {
    const leaf = new Error('leaf');
    const chain = new Error('outer', { cause: new Error('inner', { cause: leaf }) });
    expect(unwrap(chain)).toBe(chain.cause);
    expect(unwrap(leaf)).toBeUndefined();
    expect(unwrap(new Error('x', { cause: null }))).toBeUndefined();
    expect(unwrap('text')).toBeUndefined();
    expect(root(chain)).toBe(leaf);
    expect(root(leaf)).toBe(leaf);
    expect(root('text')).toBe('text');
    expect(root(undefined)).toBeUndefined();
    expect(root(new Error('x', { cause: 0 }))).toBe(0);
  });

  it('end in a cycle', () => {
    const [a, b] = [new Error('a'), new Error('b')];
    a.cause = b;
    b.cause = a;
    expect(root(a)).toBe(b);
  });

  it('do not throw', () => {
    const hostile = {
      get cause(): never {
        throw new Error('no');
      },
    };
    expect(unwrap(hostile)).toBeUndefined();
    expect(root(hostile)).toBe(hostile);
  });
});
