import fc from 'fast-check';
import { notFound, search, walk } from './walk.ts';

const countOf = (err: unknown): number => {
  let count = 0;
  for (const node of walk(err)) count += node === undefined ? 0 : 1;
  return count;
};

const withErrors = (...errors: unknown[]) => new AggregateError(errors, 'many');

describe('walk', () => {
  it('gives nothing for null and undefined, and a primitive itself', () => {
    expect([...walk(undefined)]).toEqual([]);
    expect([...walk(null)]).toEqual([]);
    expect([...walk('text')]).toEqual(['text']);
    expect([...walk(0)]).toEqual([0]);
  });

  it('is pre-order: itself, its cause, then its errors', () => {
    const [deep, cause, first, second] = [
      new Error('deep'),
      new Error('cause'),
      new Error('first'),
      new Error('second'),
    ];
    cause.cause = deep;
    const root = withErrors(first, null, second, undefined);
    root.cause = cause;
    expect([...walk(root)]).toEqual([root, cause, deep, first, second]);
  });

  it('walks a branch to its end before the next', () => {
    const leaf = new Error('leaf');
    const inner = withErrors(new Error('a', { cause: leaf }), 'b');
    const root = withErrors(inner, 'c');
    expect([...walk(root)]).toEqual([root, inner, inner.errors[0], leaf, 'b', 'c']);
  });

  it('gives each object once, and primitives as often as they are there', () => {
    const shared = new Error('shared');
    const root = withErrors(shared, 'x', shared, 'x');
    root.cause = shared;
    expect([...walk(root)]).toEqual([root, shared, 'x', 'x']);
  });

  it('ends in cycles', () => {
    const [a, b] = [new Error('a'), new Error('b')];
    a.cause = b;
    b.cause = a;
    expect([...walk(a)]).toEqual([a, b]);
    const self = withErrors();
    self.errors = [self];
    self.cause = self;
    expect([...walk(self)]).toEqual([self]);
  });

  it('takes what cannot be read for absent', () => {
    const { proxy, revoke } = Proxy.revocable([1], {});
    revoke();
    const hostile = {
      get cause(): never {
        throw new Error('no');
      },
      errors: proxy,
    };
    expect([...walk(hostile)]).toEqual([hostile]);
    const gone = Proxy.revocable({}, {});
    gone.revoke();
    expect([...walk(gone.proxy)]).toHaveLength(1);
    const element = {
      errors: Object.defineProperty(['a', 'b'], 0, {
        get: () => {
          throw new Error('no');
        },
      }),
    };
    expect([...walk(element)]).toEqual([element, 'b']);
  });

  it.each([NaN, Infinity, '2', Symbol('s')])('ends at errors of which there are %p', (length) => {
    let asked = 0;
    const errors = new Proxy(['a', 'b'], {
      get: (target, key): unknown => (key === 'length' && asked++ > 0 ? length : Reflect.get(target, key)),
    });
    expect([...walk({ errors })]).toEqual([{ errors }, 'a']);
  });

  it('ignores errors that are no array', () => {
    const invalid = Object.assign(new Error('invalid'), { errors: { name: new Error('required') } });
    expect([...walk(invalid)]).toEqual([invalid]);
  });

  it('ends where each cause is made up on demand', () => {
    const endless = (): object => ({
      get cause() {
        return endless();
      },
    });
    expect(countOf(endless())).toBe(1_000_000);
    expect(search(endless(), () => false, undefined)).toBe(notFound);
  });

  it('neither overflows nor slows down at a hundred thousand causes or errors', () => {
    let chain: Error = new Error('root');
    for (let i = 1; i < 100_000; i++) chain = new Error('link', { cause: chain });
    let nested: Error = new Error('leaf');
    for (let i = 1; i < 100_000; i++) nested = withErrors(nested);
    const wide = withErrors(...Array.from({ length: 99_999 }, () => new Error('one')));
    for (const tree of [chain, nested, wide]) {
      expect(countOf(tree)).toBe(100_000);
    }
  });

  it('stops where its consumer stops', () => {
    const nodes = walk(withErrors('a', 'b'));
    expect(nodes.next().done).toBe(false);
    nodes.return?.();
    expect(nodes.next()).toEqual({ done: true, value: undefined });
  });
});

describe('search', () => {
  it('asks about each node of a cycle, and ends', () => {
    const nodes = Array.from({ length: 40 }, (_, i) => new Error(String(i)));
    nodes.forEach((node, i) => (node.cause = nodes[i === 39 ? 25 : i + 1]));
    let times = 0;
    const asked = new Set<unknown>();
    expect(
      search(
        nodes[0],
        (node) => {
          times++;
          asked.add(node);
          return false;
        },
        undefined,
      ),
    ).toBe(notFound);
    expect(asked.size).toBe(40);
    expect(times).toBeLessThan(200);
  });

  // The reference is a recursive depth-first walk over explicit edges, which shares nothing with the iterative one.
  it('finds what a recursive walk of the same graph finds first, whatever the graph', () => {
    const graph = fc.integer({ min: 1, max: 12 }).chain((size) =>
      fc.tuple(
        fc.array(
          fc.record({
            cause: fc.option(fc.nat(size - 1), { nil: undefined }),
            errors: fc.option(fc.array(fc.nat(size - 1), { maxLength: 4 }), { nil: undefined }),
          }),
          { minLength: size, maxLength: size },
        ),
        fc.array(fc.boolean(), { minLength: size, maxLength: size }),
      ),
    );
    fc.assert(
      fc.property(graph, ([edges, wanted]) => {
        interface Node {
          id: number;
          cause?: Node;
          errors?: (Node | undefined)[];
        }
        const nodes: Node[] = edges.map((_, id) => ({ id }));
        edges.forEach(({ cause, errors }, id) => {
          if (cause !== undefined) (nodes[id] as Node).cause = nodes[cause] as Node;
          if (errors !== undefined) (nodes[id] as Node).errors = errors.map((i) => nodes[i]);
        });
        const order: number[] = [];
        const visit = (id: number): void => {
          if (order.includes(id)) return;
          order.push(id);
          const { cause, errors } = edges[id] as (typeof edges)[number];
          if (cause !== undefined) visit(cause);
          errors?.forEach(visit);
        };
        visit(0);
        expect([...walk(nodes[0])].map((node) => (node as Node).id)).toEqual(order);
        const expected = order.find((id) => wanted[id]);
        const found = search(nodes[0], (node) => wanted[(node as Node).id] === true, undefined);
        expect(found === notFound ? undefined : (found as Node).id).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });
});
