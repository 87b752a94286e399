import { inspect, types } from 'node:util';
import { runInNewContext } from 'node:vm';
import { PatternError } from './pattern-error.ts';

class Refused extends PatternError {
  static override readonly stack: boolean = false;
  override readonly code = 'REFUSED';
}

class Named extends PatternError {
  override readonly name = 'AbortError';
}

describe('PatternError', () => {
  it('is a native error with a stack', () => {
    const error = new PatternError('broken');
    expect(types.isNativeError(error)).toBe(true);
    expect(error.stack).toMatch(/^PatternError: broken\n\s+at /);
  });

  it('has a code of its own unless another is given', () => {
    expect(new PatternError().code).toBe('ERR_PATTERN');
    expect(new PatternError('x', { code: 'MINE' }).code).toBe('MINE');
    expect(new Refused('x').code).toBe('REFUSED');
  });

  it('keeps the cause as it is, whatever it is, and has none unless one is given', () => {
    for (const cause of [new Error('inner'), 'text', 0, null, undefined]) {
      const error = new PatternError('x', { cause });
      expect(Object.getOwnPropertyDescriptor(error, 'cause')).toMatchObject({ value: cause, enumerable: false });
    }
    expect(Object.hasOwn(new PatternError('x', { code: 'X' }), 'cause')).toBe(false);
  });

  it('carries a delay and the name of its policy, and shows neither when there is none', () => {
    expect(new PatternError('x', { retryAfterMs: 0, policy: 'db' })).toMatchObject({ retryAfterMs: 0, policy: 'db' });
    expect(Object.keys(new PatternError('x', { retryAfterMs: undefined, policy: undefined }))).toEqual([]);
  });

  it('is named as its class, unless that sets another name', () => {
    class Local extends PatternError {}
    expect(new Local().name).toBe('Local');
    expect(new Named().name).toBe('AbortError');
    const renamed = new Local();
    renamed.name = 'Later';
    expect(renamed.name).toBe('Later');
    expect(Object.keys(renamed)).toEqual([]);
    expect(String(new Local('why'))).toBe('Local: why');
  });

  it('has a name even when its constructor was tampered with', () => {
    const error = new PatternError('x');
    Object.defineProperty(error, 'constructor', { value: { name: 5 } });
    expect(error.name).toBe('PatternError');
  });

  it('does not show its brand when logged', () => {
    expect(inspect(new Refused('no'))).toBe("[Refused: no] { code: 'REFUSED' }");
  });

  describe('without a stack', () => {
    it('is still native, and its stack is name and message alone', () => {
      const error = new Refused('full');
      expect(types.isNativeError(error)).toBe(true);
      expect(error.stack).toBe('Refused: full');
      expect(new Refused().stack).toBe('Refused');
      expect(Object.getOwnPropertyDescriptor(error, 'stack')).toMatchObject({ enumerable: false, writable: true });
    });

    it('leaves the limit of everybody else as it was', () => {
      const before = Error.stackTraceLimit;
      try {
        Error.stackTraceLimit = 7;
        new Refused('full');
        expect(Error.stackTraceLimit).toBe(7);
      } finally {
        Error.stackTraceLimit = before;
      }
    });

    it('leaves the limit as it was when making it throws', () => {
      const before = Error.stackTraceLimit;
      const hostile = {
        toString: (): string => {
          throw new RangeError('no text');
        },
      };
      expect(() => new Refused(hostile as unknown as string)).toThrow('no text');
      expect(Error.stackTraceLimit).toBe(before);
    });

    it('is made where Error cannot be changed', () => {
      const before = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit');
      Object.defineProperty(Error, 'stackTraceLimit', { value: 10, writable: false, configurable: true });
      try {
        expect(new Refused('full').stack).toBe('Refused: full');
      } finally {
        Object.defineProperty(Error, 'stackTraceLimit', before as PropertyDescriptor);
      }
    });
  });

  describe('instanceof', () => {
    it('tells subclasses apart', () => {
      expect(new Refused()).toBeInstanceOf(PatternError);
      expect(new Refused()).toBeInstanceOf(Refused);
      expect(new Refused() instanceof Named).toBe(false);
      expect(new PatternError() instanceof Refused).toBe(false);
    });

    it('is false for what is no error of ours, and never throws', () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      const values = [undefined, null, 1, 'x', {}, new Error('x'), runInNewContext('new Error("x")') as unknown, proxy];
      for (const value of values) {
        expect(value instanceof PatternError).toBe(false);
        expect(value instanceof Refused).toBe(false);
      }
    });

    it('does not take two classes for one because they have the same name', () => {
      const one = class Same extends PatternError {};
      const other = class Same extends PatternError {};
      expect(new one() instanceof other).toBe(false);
    });

    it('does not take two classes for one because they state the same code', () => {
      class One extends PatternError {
        static readonly code = 'SHARED';
      }
      class Other extends PatternError {
        static readonly code = 'SHARED';
      }
      expect(new One() instanceof Other).toBe(false);
    });

    it('knows a class that was loaded twice by its name and code', () => {
      const load = () =>
        class Twice extends PatternError {
          static readonly code = 'TWICE';
        };
      const [first, second] = [load(), load()];
      expect(new first() instanceof second).toBe(true);
      class Derived extends first {}
      expect(new Derived() instanceof second).toBe(true);
    });
  });
});
