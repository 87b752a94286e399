import { runInNewContext } from 'node:vm';
import { defineError } from './define-error.ts';
import { details } from './details.ts';
import { all, as, find } from './find.ts';
import { is, matches, type ErrorTarget } from './is.ts';
import { join } from './join.ts';
import { PatternError } from './pattern-error.ts';
import { wrap } from './wrap.ts';

class NotFound extends defineError('NotFound', { code: 'IS_NOT_FOUND' })<{ id: string }> {}
class Legacy extends Error {
  code = 'IS_LEGACY';
}
const inner = new NotFound({ id: '7' });
const legacy = new Legacy('old');
const outer = wrap(join(new Error('other'), inner, wrap(legacy, 'inner')), 'outer');

describe('is', () => {
  it('matches an error by identity, a class, a code or a predicate, at any depth', () => {
    expect(is(outer, inner)).toBe(true);
    expect(is(outer, new NotFound({ id: '7' }))).toBe(false);
    expect(is(outer, NotFound)).toBe(true);
    expect(is(outer, Legacy)).toBe(true);
    expect(is(outer, 'IS_NOT_FOUND')).toBe(true);
    expect(is(outer, 'IS_OTHER')).toBe(false);
    expect(is(outer, (node) => node === legacy)).toBe(true);
    expect(is(outer, (node) => node === 1)).toBe(false);
    expect(is(outer, DOMException)).toBe(false);
    expect(is(wrap(new DOMException('gone', 'AbortError'), 'x'), DOMException)).toBe(true);
  });

  it('matches any of several targets, and nothing without one', () => {
    expect(is(outer, 'NO', RangeError, NotFound)).toBe(true);
    expect(is(outer, 'NO', RangeError, () => false)).toBe(false);
    expect(is(outer)).toBe(false);
  });

  it('is false for a nullish error, whatever the target', () => {
    const anything = () => true;
    for (const none of [undefined, null]) {
      expect(is(none, anything)).toBe(false);
      expect(is(none, none as unknown as Error)).toBe(false);
      expect(is(none, Object as unknown as ErrorTarget)).toBe(false);
    }
  });

  it('matches thrown values that are no errors', () => {
    expect(is('EOF', 'EOF')).toBe(true);
    expect(is(wrap('EOF', 'read'), 'EOF')).toBe(true);
    expect(is({ code: 'EOF' }, 'EOF')).toBe(true);
    expect(is(0, (value) => value === 0)).toBe(true);
    expect(is(5, 'EOF')).toBe(false);
  });

  describe('with a hook on a node', () => {
    class Hooked extends Error {
      asked: unknown[] = [];
      answer: unknown = true;
      override cause: unknown = undefined;
      [matches as symbol](target: unknown): unknown {
        this.asked.push(target);
        if (this.answer === 'throw') throw new Error('hook');
        return this.answer;
      }
    }

    it('believes true and nothing else', () => {
      const hooked = new Hooked();
      for (const [answer, expected] of [
        [true, true],
        [1, false],
        ['yes', false],
        [undefined, false],
        ['throw', false],
      ]) {
        hooked.answer = answer;
        expect(is(wrap(hooked, 'x'), 'ANY')).toBe(expected);
        expect(is(hooked, NotFound)).toBe(expected);
        expect(is(hooked, inner)).toBe(expected);
        expect(is(hooked, () => false)).toBe(expected);
      }
    });

    it('gives it the target, and never asks the target', () => {
      const [hooked, target] = [new Hooked(), new Hooked()];
      hooked.answer = false;
      expect(is(hooked, target)).toBe(false);
      expect(hooked.asked).toEqual([target]);
      expect(target.asked).toEqual([]);
    });

    it('looks on below a node that said no', () => {
      const hooked = new Hooked();
      hooked.answer = 'throw';
      hooked.cause = inner;
      expect(is(hooked, NotFound)).toBe(true);
    });

    it('ignores one that is no method', () => {
      expect(is(Object.assign(new Error('x'), { [matches]: true }), 'ANY')).toBe(false);
    });
  });

  it('takes a function for a class if it was declared as one or makes errors', () => {
    class Plain {
      readonly weight = 1;
    }
    expect(is(new Plain(), Plain as unknown as ErrorTarget)).toBe(true);
    expect(is(new Error('x'), Plain as unknown as ErrorTarget)).toBe(false);
    function Ancient(this: Error): void {}
    Ancient.prototype = Object.create(Error.prototype) as Error;
    const old: unknown = Reflect.construct(Ancient, []);
    expect(is(wrap(old, 'x'), Ancient as unknown as ErrorTarget)).toBe(true);
    const seen: unknown[] = [];
    is(new Error('x'), function predicate(node) {
      seen.push(node);
      return false;
    });
    expect(seen).toHaveLength(1);
    const Foreign = runInNewContext('TypeError') as new () => Error;
    expect(is(new Foreign(), Foreign)).toBe(true);
    expect(is(new Error('x'), Foreign)).toBe(false);
  });

  it('asks a predicate about each node once, also in a cycle', () => {
    const [a, b] = [new Error('a'), new Error('b')];
    a.cause = b;
    b.cause = a;
    const seen: unknown[] = [];
    expect(
      is(a, (node) => {
        seen.push(node);
        return false;
      }),
    ).toBe(false);
    expect(seen).toEqual([a, b]);
  });

  it('knows standard errors of another realm by the class of the same name', () => {
    const foreign = runInNewContext('new TypeError("x", { cause: new RangeError("y") })') as Error;
    expect(is(foreign, TypeError)).toBe(true);
    expect(is(foreign, Error)).toBe(true);
    expect(is(foreign, RangeError)).toBe(true);
    expect(is(foreign, SyntaxError)).toBe(false);
    expect(as(foreign, RangeError)?.message).toBe('y');
    expect(is({ name: 'TypeError' }, TypeError)).toBe(false);
  });

  it('knows a DOMException of another realm for an error', () => {
    // Jest hands the sandbox the one of Node itself, whose Error is another.
    const foreign = AbortSignal.abort().reason as DOMException;
    expect(foreign).not.toBeInstanceOf(Error);
    expect(is(foreign, Error)).toBe(true);
    expect(is(foreign, TypeError)).toBe(false);
    expect(as(wrap(foreign, 'x').cause, Error)).toBe(foreign);
    expect(all(join(foreign, 'x'), Error)).toContain(foreign);
    expect(is({ [Symbol.toStringTag]: 'DOMException' }, Error)).toBe(false);
  });

  it('never throws', () => {
    class Touchy extends Error {
      static override [Symbol.hasInstance](): boolean {
        throw new Error('no');
      }
    }
    const thrower = (): boolean => {
      throw new Error('no');
    };
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const trapped = new Proxy(new Error('x'), {
      get: () => {
        throw new Error('get');
      },
      getPrototypeOf: () => {
        throw new Error('proto');
      },
    });
    for (const error of [outer, proxy, trapped, wrap(trapped, 'x'), Object.freeze(new Error('x')), Symbol('s'), 1n]) {
      const nothing = [Touchy, thrower, 'NO', RangeError, Legacy.prototype, 5, null, {}] as unknown as ErrorTarget[];
      for (const target of nothing) expect(is(error, target)).toBe(false);
      expect(is(error, ...nothing)).toBe(false);
    }
    const hostileClass = Proxy.revocable(class extends Error {}, {});
    hostileClass.revoke();
    expect(is(outer, hostileClass.proxy)).toBe(false);
  });
});

describe('as', () => {
  it('gives the first instance, pre-order', () => {
    const [first, second] = [new NotFound({ id: '1' }), new NotFound({ id: '2' })];
    const tree = join(new Error('x', { cause: first }), second);
    expect(as(tree, NotFound)).toBe(first);
    expect(as(tree, NotFound)?.details.id).toBe('1');
    expect(as(tree, RangeError)).toBeUndefined();
    expect(as(undefined, NotFound)).toBeUndefined();
  });

  it('refuses what is no class, as that is a mistake of the caller', () => {
    for (const wrong of [undefined, null, 'NOT_FOUND', () => true, {}, { prototype: {} }]) {
      const error = new TypeError(`type must be a class, got ${wrong === null ? 'null' : typeof wrong}`);
      expect(() => as(outer, wrong as typeof Error)).toThrow(error);
      expect(() => all(outer, wrong as typeof Error)).toThrow(error);
      expect(() => as(outer, wrong as typeof Error)).toThrow(TypeError);
    }
  });

  it('takes abstract classes and plain constructor functions', () => {
    abstract class Store extends PatternError {}
    class Disk extends Store {}
    const disk = new Disk('full');
    expect(as(wrap(disk, 'x'), Store)).toBe(disk);
    function Thing(): void {}
    const thing: unknown = Reflect.construct(Thing, []);
    expect(as(wrap(thing, 'x'), Thing as unknown as new () => object)).toBe(thing);
  });
});

describe('all', () => {
  it('gives every instance once, pre-order', () => {
    const [first, second] = [new NotFound({ id: '1' }), new NotFound({ id: '2' })];
    expect(all(join(wrap(first, 'x'), second, first), NotFound)).toEqual([first, second]);
    expect(all(null, NotFound)).toEqual([]);
    expect(all(runInNewContext('new RangeError("x")'), RangeError)).toHaveLength(1);
  });
});

describe('find', () => {
  it('gives the first node that satisfies the predicate, an error or not', () => {
    expect(find(wrap('text', 'x'), (node) => typeof node === 'string')).toBe('text');
    expect(find(outer, () => false)).toBeUndefined();
    expect(find(undefined, () => true)).toBeUndefined();
  });

  it('takes throwing for no', () => {
    expect(find(wrap(legacy, 'x'), (node) => (node as { code: { length: number } }).code.length === 9)).toBe(legacy);
    expect(
      find(join('text', legacy), (node) => (node as { missing: { code: string } }).missing.code === 'x'),
    ).toBeUndefined();
  });
});

describe('a tree of a hundred thousand', () => {
  const innermost = new NotFound({ id: '7' });
  const repeat = (outward: (below: unknown) => unknown): unknown => {
    let tree: unknown = innermost;
    for (let i = 1; i < 100_000; i++) tree = outward(tree);
    return tree;
  };

  it.each<[string, unknown]>([
    ['causes', repeat((cause) => ({ cause }))],
    ['causes that are errors', repeat((cause) => new Error('link', { cause }))],
    ['errors within errors', repeat((error) => new AggregateError([error]))],
    ['errors side by side', { errors: [...Array.from({ length: 99_998 }, () => new Error('one')), innermost] }],
  ])('%s: is searched to the end by is, as, all, find and details', (_, tree) => {
    expect(is(tree, innermost) && is(tree, NotFound) && is(tree, 'IS_NOT_FOUND')).toBe(true);
    expect([as(tree, NotFound), find(tree, (node) => node === innermost)]).toEqual([innermost, innermost]);
    expect(all(tree, NotFound)).toEqual([innermost]);
    expect(details(tree)).toEqual({ id: '7' });
  });
});
