import * as errors from '@patterns/errors';

/** mulberry32, public domain: the same documents each time, as a hundred thousand of fast-check's would take minutes. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

let constructed = 0;
class Guarded extends errors.PatternError {
  static readonly code: string = 'HOSTILE_GUARDED';
  override readonly code = 'HOSTILE_GUARDED';
  constructor() {
    super();
    constructed++;
  }
}
class Unregistered extends errors.PatternError {
  static readonly code: string = 'HOSTILE_UNREGISTERED';
  override readonly code = 'HOSTILE_UNREGISTERED';
}
errors.register(Guarded);
errors.defineError('Defined', {
  code: 'HOSTILE_DEFINED',
  message: () => {
    constructed++;
    return '';
  },
});
errors.sentinel('end', { code: 'HOSTILE_EOF' });

describe('a hundred thousand hostile documents', () => {
  const random = seeded(20_261_124);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const nested = (depth: number, key: string | undefined): unknown => {
    let value: unknown = 1;
    for (let i = 0; i < depth; i++)
      value = key === undefined ? [value] : { type: 'error', version: 1, name: 'E', message: '', [key]: value };
    return value;
  };
  const deep = [
    nested(10_000, undefined),
    nested(10_000, 'cause'),
    nested(10_000, 'details'),
    nested(10_000, 'fields'),
    nested(12, 'cause'),
  ];
  const huge = 'x'.repeat(10_000_000);
  const strings = [
    '',
    'Error',
    'TypeError',
    'AggregateError',
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'HOSTILE_GUARDED',
    'HOSTILE_DEFINED',
    'HOSTILE_EOF',
    'HOSTILE_UNREGISTERED',
    'Unregistered',
    'ERR_WRAPPED',
    'ERR_JOINED',
    'ERR_MARKED',
    'PatternError',
    'bug',
    'error',
    'value',
    '\ud800',
    '\u0000',
  ];
  const keys = [
    'type',
    'version',
    'name',
    'message',
    'code',
    'kind',
    'retryable',
    'retryAfterMs',
    'policy',
    'details',
    'fields',
    'stack',
    'cause',
    'errors',
    'truncated',
    '__proto__',
    'constructor',
    'prototype',
    'then',
    'toString',
    'marked',
    'status',
  ];

  const value = (depth: number): unknown => {
    const roll = random();
    if (roll < 0.3) return pick(strings);
    if (roll < 0.4) return pick([0, -1, 1, NaN, Infinity, 1e308, 404, 2 ** 53]);
    if (roll < 0.5) return pick([null, undefined, true, false]);
    if (roll < 0.51) return pick([() => 1, Symbol('s'), 1n, new Date(NaN), new Map(), /x/, Unregistered]);
    if (roll < 0.5102) return huge;
    if (roll < 0.512) return pick(deep);
    if (depth > 4) return 0;
    if (roll < 0.6) return Array.from({ length: Math.floor(random() * 4) }, () => value(depth + 1));
    return object(depth + 1);
  };
  const object = (depth: number): object => {
    const made: Record<string, unknown> =
      random() < 0.8 ? { type: 'error', version: 1, name: pick(strings), message: pick(strings) } : {};
    for (let i = Math.floor(random() * 5); i > 0; i--) {
      Object.defineProperty(made, pick(keys), {
        value: value(depth),
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
    return made;
  };
  const document = (): unknown => {
    const made = random() < 0.95 ? object(0) : value(0);
    if (random() < 0.95) return made;
    try {
      const text = JSON.stringify(made);
      return JSON.parse(
        text.slice(0, Math.floor(random() * text.length)) + pick(['', '}', '"}', ']}', 'null}']),
      ) as unknown;
    } catch {
      return made;
    }
  };

  it('raise nothing but DeserializeError, run no constructor and touch no prototype', () => {
    const before = [Object.prototype, Error.prototype, Array.prototype].map(
      (prototype) => Reflect.ownKeys(prototype).length,
    );
    const allowed = new Set<unknown>([
      Error,
      EvalError,
      RangeError,
      ReferenceError,
      SyntaxError,
      TypeError,
      URIError,
      AggregateError,
      Guarded,
      errors.RemoteError,
      errors.PatternError,
      errors.WrappedError,
      errors.JoinedError,
      errors.MarkedError,
    ]);
    let accepted = 0;
    for (let i = 0; i < 100_000; i++) {
      const json = document();
      try {
        const error = i % 4 === 0 ? errors.fromProblem(json) : errors.deserialize(json);
        accepted++;
        const type: unknown = error.constructor;
        if (!allowed.has(type) && (type as { code?: unknown }).code !== 'HOSTILE_DEFINED')
          throw new Error(`instantiated ${String(type)}`);
        errors.classify(error);
        if (typeof String(error) !== 'string') throw new Error('not printable');
      } catch (error) {
        if ((error as { constructor: unknown }).constructor !== errors.DeserializeError) throw error;
      }
    }
    // Neither everything nor nothing: or the documents would test one side only.
    expect(accepted).toBeGreaterThan(10_000);
    expect(accepted).toBeLessThan(90_000);
    expect(constructed).toBe(0);
    expect(
      [Object.prototype, Error.prototype, Array.prototype].map((prototype) => Reflect.ownKeys(prototype).length),
    ).toEqual(before);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  }, 60_000);

  it('of ten megabytes are refused without being copied', () => {
    const good = { type: 'error', version: 1, name: 'E', message: '' };
    const wide = Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => [`key${i}`, i]));
    for (const json of [
      { ...good, message: huge },
      { ...good, name: huge },
      { ...good, details: { huge } },
      { ...good, fields: wide },
      { ...good, cause: { type: 'value', value: huge } },
    ]) {
      expect(() => errors.deserialize(json)).toThrow('more than 65536 bytes');
    }
  });
});
