import type * as Package from '@patterns/context';
import fc from 'fast-check';

// Many runs, on a machine that may be busy.
jest.setTimeout(60_000);

type Copy = Pick<typeof Package, 'afterFunc' | 'merge' | 'withCancel' | 'withTimeout'>;

function load(): Copy {
  let copy: Copy | undefined;
  jest.isolateModules(() => {
    copy = jest.requireActual<typeof Package>('@patterns/context');
  });
  return copy as Copy;
}

interface Node {
  readonly context: Package.CancelableContext;
  readonly parents: readonly Node[];
  /** Everything that it is below. */
  readonly above: ReadonlySet<Node>;
  readonly wasDone: boolean;
  /** Held by whoever listens. */
  readonly signal: AbortSignal | undefined;
  told: number;
  readonly stop: () => boolean;
  stopped: boolean;
  ran: number;
}

interface Derive {
  readonly how: 'withCancel' | 'withTimeout' | 'withCancel(signal)' | 'merge';
  readonly parents: readonly number[];
  readonly copy: number;
  /** How many of the acts that are left its listener does; undefined for none that listens. */
  readonly acts: number | undefined;
}

interface Touch {
  readonly how: 'cancel' | 'signal' | 'stop';
  readonly node: number;
}

/** Does what it is told to, in turns: a callback goes on with the list where the act that brought it about has stopped. */
class Play {
  readonly nodes: Node[] = [];
  readonly faults: string[] = [];
  /** Those whose listeners are running. */
  readonly #listening: Node[] = [];
  readonly #copies: readonly Copy[];
  readonly #acts: Iterator<Derive | Touch>;

  constructor(copies: readonly Copy[], acts: readonly (Derive | Touch)[]) {
    this.#copies = copies;
    this.#acts = acts.values();
    this.#add(copies[0]?.withCancel() as Package.CancelableContext, [], this.#copies[0] as Copy, undefined);
  }

  /** False when there is nothing left to do. */
  act(): boolean {
    const next = this.#acts.next();
    if (next.done === true) return false;
    if ('node' in next.value) this.#touch(next.value);
    else this.#derive(next.value);
    return true;
  }

  #touch({ how, node: position }: Touch): void {
    const node = this.#at(position);
    if (how === 'stop') node.stopped = node.stop() || node.stopped;
    if (how === 'signal') expect(node.context.signal.aborted).toBe(node.context.done);
    if (how !== 'cancel') return;
    node.context.cancel(position);
    expect(node.signal?.aborted).not.toBe(false);
    // Else it is being told: the rest is told when the callback has returned.
    if (this.#listening.some((listening) => listening === node || listening.above.has(node))) return;
    if (this.nodes.some((below) => below.above.has(node) && below.signal?.aborted === false)) {
      this.faults.push('was cancelled before all below it were told');
    }
  }

  #derive({ how, parents: positions, copy: number, acts }: Derive): void {
    const copy = this.#copies[number] as Copy;
    const all = positions.map((position) => this.#at(position));
    const parents = how === 'merge' ? all : all.slice(0, 1);
    const [first] = parents as [Node];
    const context = {
      withCancel: () => copy.withCancel(first.context),
      withTimeout: () => copy.withTimeout(first.context, 60_000),
      'withCancel(signal)': () => copy.withCancel(first.context.signal),
      merge: () => copy.merge(...parents.map((parent) => parent.context)),
    }[how]();
    this.#add(context, parents, copy, acts);
  }

  #add(context: Package.CancelableContext, parents: readonly Node[], copy: Copy, acts: number | undefined): void {
    const { done: wasDone } = context;
    const signal = acts === undefined ? undefined : context.signal;
    const stop = copy.afterFunc(context, () => node.ran++);
    const above = new Set(parents.flatMap((parent) => [parent, ...parent.above]));
    const node: Node = { context, parents, above, wasDone, signal, told: 0, stop, stopped: false, ran: 0 };
    this.nodes.push(node);
    signal?.addEventListener('abort', () => {
      node.told++;
      this.#listening.push(node);
      for (let left = acts ?? 0; left > 0; left--) this.act();
      this.#listening.pop();
    });
  }

  #at(position: number): Node {
    return this.nodes[position % this.nodes.length] as Node;
  }
}

function* faultsOf({ context, parents, wasDone, signal, told, stopped, ran }: Node): Generator<string> {
  const { done, cause } = context;
  if (!done && parents.some((parent) => parent.context.done)) yield 'has not ended with its parent';
  if (signal !== undefined && (signal.aborted !== done || signal.reason !== cause)) yield 'has another signal';
  if (signal !== undefined && told !== Number(done && !wasDone)) yield `was told ${told} times`;
  if (ran !== Number(done && !stopped)) yield `ran ${ran} times`;
}

const index = fc.nat(1_000);
const derive: fc.Arbitrary<Derive> = fc.record({
  how: fc.constantFrom('withCancel', 'withTimeout', 'withCancel(signal)', 'merge'),
  parents: fc.array(index, { minLength: 1, maxLength: 3 }),
  copy: fc.nat(1),
  acts: fc.option(fc.nat(3), { nil: undefined }),
});
const touch: fc.Arbitrary<Touch> = fc.record({ how: fc.constantFrom('cancel', 'signal', 'stop'), node: index });
const anyActs = fc
  .tuple(
    fc.array(derive, { maxLength: 20, size: 'max' }),
    fc.array(fc.oneof(derive, touch), { maxLength: 40, size: 'max' }),
  )
  .map((parts) => parts.flat());

const [one, other] = [load(), load()];

it.each([
  ['one copy of the package', [one, one]],
  ['two copies of the package', [one, other]],
])('in a tree of %s everybody is told, and once, whatever callbacks do', async (_which, copies) => {
  expect(new Set(copies.map(({ withCancel }) => withCancel)).size).toBe(new Set(copies).size);
  await fc.assert(
    fc.asyncProperty(anyActs, async (acts) => {
      const play = new Play(copies, acts);
      while (play.act());
      await new Promise((resolve) => setImmediate(resolve));
      expect([...play.faults, ...play.nodes.flatMap((node) => [...faultsOf(node)])]).toEqual([]);
      for (const { context } of play.nodes) context.cancel();
    }),
    { numRuns: 500 },
  );
});
