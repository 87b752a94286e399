import type { ErrorType } from './error-type.ts';
import * as errors from './index.ts';
import { defineError } from './define-error.ts';
import { deserialize } from './deserialize.ts';
import { as } from './find.ts';
import { PatternError } from './pattern-error.ts';
import { register, type RegisteredErrorClass } from './registry.ts';
import { sentinel } from './sentinel.ts';
import { serialize } from './serialize.ts';
import { wrap, WrappedError } from './wrap.ts';

const roundTrip = (error: Error): Error => deserialize(JSON.parse(JSON.stringify(serialize(error))));

const isErrorClass = (value: unknown): value is ErrorType<Error> =>
  typeof value === 'function' && Object.prototype.isPrototypeOf.call(Error, value);
/** A static, or that of all instances. */
const codeOf = (type: ErrorType<Error>): string =>
  (Reflect.get(type, 'code') ?? Reflect.get(type.prototype as object, 'code')) as string;

describe('register', () => {
  it('brings back hand-written classes', () => {
    class Manual extends PatternError {
      static readonly code: string = 'REGISTRY_MANUAL';
      override readonly code = 'REGISTRY_MANUAL';
      get twice(): string {
        return this.message + this.message;
      }
    }
    expect(roundTrip(new Manual('a'))).not.toBeInstanceOf(Manual);
    register(Manual);
    register(Manual);
    const back = roundTrip(new Manual('a'));
    expect(back).toBeInstanceOf(Manual);
    expect(as(back, Manual)?.twice).toBe('aa');
    expect(back).toMatchObject({ name: 'Manual', code: 'REGISTRY_MANUAL' });
  });

  it('lets a subclass take the place of its defined base, whichever comes first', () => {
    const Base = defineError('Versioned', { code: 'REGISTRY_VERSIONED' });
    class Versioned extends Base<{ version: number }> {
      get next(): number {
        return this.details.version + 1;
      }
    }
    register(Versioned);
    expect(as(roundTrip(new Versioned({ version: 1 })), Versioned)?.next).toBe(2);
    register(Base);
    expect(as(roundTrip(new Base({ version: 1 })), Versioned)?.next).toBe(2);
  });

  it('takes the classes of a module that is loaded a second time, also those with a subclass of another name', () => {
    const load = () => {
      const Base = defineError('Loaded', { code: 'REGISTRY_LOADED' });
      class Special extends Base {}
      register(Special);
      return Special;
    };
    load();
    const Second = load();
    expect(Object.getPrototypeOf(roundTrip(new Second()))).toBe(Second.prototype);
  });

  it('refuses a code that is taken by another class or a sentinel', () => {
    const class_ = (name: string, code: string) =>
      Object.defineProperty(
        class extends PatternError {
          static readonly code = code;
        },
        'name',
        { value: name },
      );
    register(class_('One', 'REGISTRY_ONE'));
    expect(() => {
      register(class_('Two', 'REGISTRY_ONE'));
    }).toThrow("code 'REGISTRY_ONE' is taken by class One");
    sentinel('s', { code: 'REGISTRY_SENTINEL' });
    expect(() => {
      register(class_('Three', 'REGISTRY_SENTINEL'));
    }).toThrow(TypeError);
  });

  const ours = Object.values<unknown>(errors)
    .filter(isErrorClass)
    .map((type) => [codeOf(type), type.name] as const);

  it.each(ours)('refuses %s, as do defineError and sentinel: it is the code of %s', (code, name) => {
    class Other extends PatternError {
      static readonly code: string = code;
    }
    const refusal = new TypeError(`code '${code}' is taken by class ${name}`);
    expect(() => {
      register(Other);
    }).toThrow(refusal);
    expect(() => defineError('Other', { code })).toThrow(refusal);
    expect(() => sentinel('other', { code })).toThrow(refusal);
  });

  it('takes a class of ours, which changes nothing', () => {
    register(WrappedError);
    expect(roundTrip(wrap('x', 'y'))).toBeInstanceOf(WrappedError);
  });

  it('refuses what is no class with a code', () => {
    for (const wrong of [PatternError, Error, undefined, {}, () => 1, Object.assign(() => 1, { code: 'X' })]) {
      expect(() => {
        register(wrong as unknown as RegisteredErrorClass);
      }).toThrow(TypeError);
    }
  });
});
