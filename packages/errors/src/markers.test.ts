import { runInNewContext } from 'node:vm';
import { attach, attachedTo } from './attach.ts';
import { classify } from './classify.ts';
import { details } from './details.ts';
import { ensureError } from './ensure-error.ts';
import { as } from './find.ts';
import { is } from './is.ts';
import { join } from './join.ts';
import { mark, MarkedError } from './mark.ts';
import { permanent, PermanentError, transient, TransientError } from './markers.ts';
import { behind, opaque, OpaqueError } from './opaque.ts';
import { PatternError } from './pattern-error.ts';
import { sentinel } from './sentinel.ts';
import { root, unwrap } from './unwrap.ts';
import { walk } from './walk.ts';
import { wrap } from './wrap.ts';

const inner = new RangeError('inner');
const EOF = sentinel('end of file', { code: 'MARKERS_EOF' });

describe('markers', () => {
  it('say what their cause says, and nothing of a stack of their own', () => {
    for (const [marker, type, code] of [
      [permanent(inner), PermanentError, 'ERR_PERMANENT'],
      [transient(inner), TransientError, 'ERR_TRANSIENT'],
      [mark(inner, EOF), MarkedError, 'ERR_MARKED'],
    ] as const) {
      expect(marker).toBeInstanceOf(type);
      expect(marker).toMatchObject({ code, message: 'inner', name: type.name });
      expect(unwrap(marker)).toBe(inner);
      expect(marker.stack).toBe(`${type.name}: inner`);
    }
  });

  it('give undefined for null and undefined, and take what is no error', () => {
    for (const none of [undefined, null]) {
      expect(permanent(none)).toBeUndefined();
      expect(transient(none)).toBeUndefined();
      expect(mark(none, EOF)).toBeUndefined();
      expect(opaque(none)).toBeUndefined();
    }
    expect(permanent(0).cause).toBe(0);
    expect(transient('text').message).toBe('text');
  });

  it('carry a delay if one is given', () => {
    expect(transient(inner, { retryAfterMs: 5 }).retryAfterMs).toBe(5);
    expect(Object.keys(transient(inner))).toEqual(['code']);
  });
});

describe('mark', () => {
  it('makes the reference match without wrapping anything around it', () => {
    const marked = wrap(mark(inner, EOF), 'reading');
    expect(is(marked, EOF)).toBe(true);
    expect(is(marked, inner)).toBe(true);
    expect(is(marked, RangeError)).toBe(true);
    expect([...walk(marked)]).not.toContain(EOF);
    expect(EOF.cause).toBeUndefined();
  });

  it('takes any error for a reference, also one without a code', () => {
    const reference = sentinel('own');
    expect(is(mark(inner, reference), reference)).toBe(true);
    expect(is(mark(inner, reference), sentinel('own'))).toBe(false);
    expect(is(mark(inner, reference), EOF)).toBe(false);
  });
});

describe('opaque', () => {
  it('hides what is behind it from everything but the eye', () => {
    const barrier = wrap(opaque(inner), 'x');
    expect(is(barrier, inner)).toBe(false);
    expect(is(barrier, RangeError)).toBe(false);
    expect(as(barrier, RangeError)).toBeUndefined();
    expect(root(barrier)).toBeInstanceOf(OpaqueError);
    expect(unwrap(opaque(inner))).toBeUndefined();
    expect(opaque(inner)).toMatchObject({ message: 'inner', code: 'ERR_OPAQUE' });
    expect(behind(opaque(inner))).toBe(inner);
  });

  it('says something else if told so', () => {
    expect(opaque(inner, 'handled').message).toBe('handled');
    expect(opaque(inner, '').message).toBe('');
  });
});

describe('attach', () => {
  it('gives the error itself, which shows nothing of it elsewhere', () => {
    const [error, secondary] = [new Error('first'), new Error('second')];
    expect(attach(error, secondary)).toBe(error);
    expect(is(error, secondary)).toBe(false);
    expect([...walk(error)]).toEqual([error]);
    expect(attachedTo(error)).toEqual([secondary]);
    expect(attachedTo(secondary)).toEqual([]);
  });

  it('gives the other one when one is nullish', () => {
    expect(attach(undefined, inner)).toBe(inner);
    expect(attach(inner, null)).toBe(inner);
    expect(attach(null, undefined)).toBeUndefined();
    expect(attachedTo(inner)).toEqual([]);
    expect(attach(inner, inner)).toBe(inner);
    expect(attachedTo(inner)).toEqual([]);
  });

  it('takes what is no error, and what is frozen', () => {
    expect(attach('text', inner)).toMatchObject({ message: 'text', cause: 'text' });
    expect(attach(undefined, 'text')).toMatchObject({ message: 'text' });
    const frozen = Object.freeze(new Error('frozen'));
    expect(attach(frozen, 'more')).toBe(frozen);
    expect(attachedTo(frozen)).toEqual(['more']);
  });

  it('leaves a sentinel, which everybody shares, alone', () => {
    const carrier = attach(EOF, inner);
    expect(carrier).not.toBe(EOF);
    expect(is(carrier, EOF)).toBe(true);
    expect(attachedTo(EOF)).toEqual([]);
    expect(attachedTo(carrier as Error)).toEqual([inner]);
  });

  it('keeps the latest sixteen', () => {
    const error = new Error('busy');
    for (let i = 0; i < 20; i++) attach(error, i);
    expect(attachedTo(error)).toEqual(Array.from({ length: 16 }, (_, i) => i + 4));
  });
});

describe('details', () => {
  it('merges those of all nodes, the outermost winning', () => {
    const tree = wrap(
      join(
        wrap(inner, 'a', { details: { id: 1, table: 'users' } }),
        wrap(inner, 'b', { details: { id: 2, shard: 3 } }),
      ),
      'c',
      { details: { id: 0 } },
    );
    expect(details(tree)).toEqual({ id: 0, table: 'users', shard: 3 });
    expect(details(undefined)).toEqual({});
    expect(details(new Error('x'))).toEqual({});
  });

  it('ignores details that are no object, getters that throw, and __proto__', () => {
    expect(details(Object.assign(new Error('x'), { details: 'text' }))).toEqual({});
    expect(details({ details: ['a'] })).toEqual({});
    expect(details({ details: () => 1 })).toEqual({});
    const hostile = {
      get bad(): never {
        throw new Error('no');
      },
      good: 1,
    };
    expect(details({ details: hostile })).toEqual({ good: 1 });
    const polluted = details({ details: JSON.parse('{"__proto__": {"polluted": true}, "a": 1}') as object });
    expect(polluted).toEqual({ a: 1 });
    expect((polluted as { polluted?: boolean }).polluted).toBeUndefined();
    const locked = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('no');
        },
      },
    );
    expect(details({ details: locked })).toEqual({});
  });
});

describe('ensureError', () => {
  it('gives an error itself, also of another realm or with a name of its own', () => {
    const foreign = runInNewContext('new (class Odd extends Error {})("x")') as Error;
    class Tagged extends Error {
      get [Symbol.toStringTag as symbol](): string {
        return 'Tagged';
      }
    }
    const shaped = Object.create(Error.prototype) as Error;
    for (const error of [
      inner,
      foreign,
      new DOMException('x'),
      new Tagged(),
      shaped,
      permanent(inner),
      join('a'),
      new Proxy(inner, {}),
    ]) {
      expect(ensureError(error)).toBe(error);
    }
  });

  it('carries everything else as the cause', () => {
    const { proxy, revoke } = Proxy.revocable(new Error('x'), {});
    revoke();
    for (const value of ['text', 0, undefined, null, Symbol('s'), { message: 'shaped' }, [], () => 1, proxy]) {
      const error = ensureError(value);
      expect(error).toBeInstanceOf(PatternError);
      expect(error.cause).toBe(value);
      expect(Object.hasOwn(error, 'cause')).toBe(true);
    }
    expect(ensureError(undefined).message).toBe('undefined');
    expect(ensureError({ message: 'shaped' }).message).toBe('shaped');
  });

  it('makes undefined, when it was thrown, a failure', () => {
    expect(classify(ensureError(undefined)).kind).toBe('unknown');
    expect(wrap(ensureError(undefined), 'x').message).toBe('x: undefined');
  });
});
