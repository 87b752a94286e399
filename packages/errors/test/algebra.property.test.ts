import * as errors from '@patterns/errors';
import fc from 'fast-check';

class Marked extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}
class Special extends Marked {}

/** A tree in words; the model of everything below reads these, never the errors. */
type Tree =
  | { readonly kind: 'leaf'; readonly leaf: number; readonly isSpecial: boolean }
  | { readonly kind: 'wrap' | 'cause' | 'opaque'; readonly below: Tree }
  | { readonly kind: 'join'; readonly all: readonly (Tree | null)[] };

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    fc.record({ kind: fc.constant('leaf'), leaf: fc.nat(9), isSpecial: fc.boolean() }),
    fc.record({ kind: fc.constantFrom('wrap', 'cause', 'opaque'), below: tie('tree') }),
    fc.record({
      kind: fc.constant('join'),
      all: fc.array(fc.option(tie('tree'), { freq: 5 }), { minLength: 1, maxLength: 4 }),
    }),
  ),
}));

/** Each leaf is one error, wherever it stands. */
class Leaves {
  readonly #made = new Map<string, Marked>();

  get({ leaf, isSpecial }: { readonly leaf: number; readonly isSpecial: boolean }): Marked {
    const code = `E${leaf}${isSpecial ? 'S' : ''}`;
    let made = this.#made.get(code);
    if (made === undefined) this.#made.set(code, (made = isSpecial ? new Special(code) : new Marked(code)));
    return made;
  }

  build(from: Tree): unknown {
    switch (from.kind) {
      case 'leaf':
        return this.get(from);
      case 'wrap':
        return errors.wrap(this.build(from.below), 'context');
      case 'cause':
        return new Error('context', { cause: this.build(from.below) });
      case 'opaque':
        return errors.opaque(this.build(from.below));
      case 'join':
        return errors.join(...from.all.map((each) => (each === null ? null : this.build(each))));
    }
  }
}

/** Codes of the leaves that can be seen, in order, each where it comes first. */
function visible(from: Tree): string[] {
  switch (from.kind) {
    case 'leaf':
      return [`E${from.leaf}${from.isSpecial ? 'S' : ''}`];
    case 'opaque':
      return [];
    case 'wrap':
    case 'cause':
      return visible(from.below);
    case 'join':
      return [...new Set(from.all.flatMap((each) => (each === null ? [] : visible(each))))];
  }
}

const codesOf = (err: unknown): string[] =>
  [...errors.walk(err)].flatMap((node) => (node instanceof Marked ? [node.code] : []));

const runs = { numRuns: 1_000 };

it('walk meets what the tree says, in its order, each once', () => {
  fc.assert(
    fc.property(tree, (from) => {
      expect(codesOf(new Leaves().build(from))).toEqual(visible(from));
    }),
    runs,
  );
});

it('is, as and all say of an error, a code, a class and a predicate what the tree says', () => {
  fc.assert(
    fc.property(tree, fc.nat(9), fc.boolean(), (from, leaf, isSpecial) => {
      const leaves = new Leaves();
      const err = leaves.build(from);
      const codes = visible(from);
      const target = leaves.get({ leaf, isSpecial });
      const isThere = codes.includes(target.code);
      expect(errors.is(err, target)).toBe(isThere);
      expect(errors.is(err, target.code)).toBe(isThere);
      expect(errors.is(err, (node: unknown) => node === target)).toBe(isThere);

      const special = codes.filter((code) => code.endsWith('S'));
      expect(errors.is(err, Special)).toBe(special.length > 0);
      expect(errors.as(err, Special)?.code).toBe(special[0]);
      expect(errors.all(err, Special).map(({ code }) => code)).toEqual(special);
      expect(errors.all(err, Marked).map(({ code }) => code)).toEqual(codes);
    }),
    runs,
  );
});

it('join is associative, and nullish is its neutral element, to whoever looks into the errors', () => {
  fc.assert(
    fc.property(tree, tree, tree, (a, b, c) => {
      const leaves = new Leaves();
      const [x, y, z] = [leaves.build(a), leaves.build(b), leaves.build(c)];
      const flat = codesOf(errors.join(x, y, z));
      expect(codesOf(errors.join(errors.join(x, y), z))).toEqual(flat);
      expect(codesOf(errors.join(x, errors.join(y, z)))).toEqual(flat);
      expect(codesOf(errors.join(undefined, x, null, y, z))).toEqual(flat);
      expect(codesOf(errors.join(x))).toEqual(codesOf(x));
    }),
    runs,
  );
});

it('is distributes over join, and wrapping takes nothing away but what it hides', () => {
  fc.assert(
    fc.property(tree, tree, fc.nat(9), fc.boolean(), (a, b, leaf, isSpecial) => {
      const leaves = new Leaves();
      const [x, y] = [leaves.build(a), leaves.build(b)];
      const target = leaves.get({ leaf, isSpecial });
      expect(errors.is(errors.join(x, y), target)).toBe(errors.is(x, target) || errors.is(y, target));
      expect(errors.is(errors.wrap(x, 'context'), target)).toBe(errors.is(x, target));
      expect(errors.is(errors.opaque(x), target)).toBe(false);
    }),
    runs,
  );
});

it('every visible node is itself', () => {
  fc.assert(
    fc.property(tree, (from) => {
      const err = new Leaves().build(from);
      for (const node of errors.walk(err)) expect(errors.is(err, node as Error)).toBe(true);
    }),
    runs,
  );
});
