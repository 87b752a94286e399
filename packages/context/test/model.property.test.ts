import {
  afterFunc,
  background,
  createKey,
  merge,
  withCancel,
  withDeadline,
  withoutCancel,
  withTimeout,
  withValue,
  type CancelableContext,
  type Context,
} from '@patterns/context';
import { VirtualClock } from '@patterns/context/testing';
import fc from 'fast-check';

/** Why a node of the model is done: one object per ending, so that identity can be compared. */
interface End {
  readonly kind: 'canceled' | 'deadline';
  readonly cause: unknown;
}

/** A node knows its parents and what happened to itself. Everything else is found out by asking all nodes again and again, until nothing changes. */
interface ModelNode {
  readonly parents: readonly number[];
  readonly detached: boolean;
  /** Its own, if it has a timer. */
  readonly expiresAt: number | undefined;
  readonly deadline: number | undefined;
  readonly deadlineCause: unknown;
  readonly values: ReadonlyMap<number, number>;
  end: End | undefined;
}

interface Callback {
  readonly node: number;
  readonly stop: () => boolean;
  runs: number;
  state: 'waiting' | 'stopped' | 'due';
}

const keys = [createKey<number>('a'), createKey<number>('b')];

class Model {
  readonly nodes: ModelNode[] = [
    {
      parents: [],
      detached: false,
      expiresAt: undefined,
      deadline: undefined,
      deadlineCause: undefined,
      values: new Map(),
      end: undefined,
    },
  ];
  now = 0;

  derive(parents: readonly number[], own: Partial<ModelNode> & { readonly wanted?: number } = {}): void {
    const from = parents.map((index) => this.nodes[index] as ModelNode);
    const above = own.detached === true ? [] : from.flatMap(({ deadline }) => deadline ?? []);
    const earliestAbove = above.length === 0 ? Infinity : Math.min(...above);
    const hasOwn = own.wanted !== undefined && own.wanted <= earliestAbove;
    const deadline = hasOwn ? own.wanted : earliestAbove === Infinity ? undefined : earliestAbove;
    this.nodes.push({
      parents,
      detached: own.detached ?? false,
      expiresAt: hasOwn ? own.wanted : undefined,
      deadline,
      deadlineCause: own.deadlineCause,
      values: own.values ?? new Map(from.reverse().flatMap(({ values }) => [...values])),
      end: undefined,
    });
    this.#settle();
    this.#expireDue();
  }

  cancel(index: number, cause: unknown): void {
    (this.nodes[index] as ModelNode).end ??= { kind: 'canceled', cause };
    this.#settle();
  }

  advance(ms: number): void {
    const target = this.now + ms;
    for (;;) {
      const times = this.nodes.flatMap(({ end, expiresAt }) => (end === undefined ? (expiresAt ?? []) : []));
      const next = Math.min(...times);
      if (next > target) break;
      this.now = Math.max(this.now, next);
      this.#expireDue();
    }
    this.now = target;
  }

  #expireDue(): void {
    const due = (): ModelNode | undefined =>
      this.nodes
        .filter(({ end, expiresAt }) => end === undefined && expiresAt !== undefined && expiresAt <= this.now)
        .sort((a, b) => (a.expiresAt as number) - (b.expiresAt as number))[0];
    for (let node = due(); node !== undefined; node = due()) {
      node.end = { kind: 'deadline', cause: node.deadlineCause };
      this.#settle();
    }
  }

  #settle(): void {
    for (let changed = true; changed;) {
      changed = false;
      for (const node of this.nodes) {
        if (node.end !== undefined || node.detached) continue;
        node.end = node.parents.map((index) => this.nodes[index]?.end).find((end) => end !== undefined);
        changed ||= node.end !== undefined;
      }
    }
  }
}

/** Half a million comparisons: `expect` would take half a minute. */
function same(actual: unknown, expected: unknown): void {
  if (!Object.is(actual, expected)) expect(actual).toBe(expected);
}

const index = fc.nat();
const cause = fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined });
const command = fc.oneof(
  fc.record({ kind: fc.constant('withCancel' as const), parent: index }),
  fc.record({ kind: fc.constant('withTimeout' as const), parent: index, ms: fc.integer({ min: -2, max: 40 }), cause }),
  fc.record({ kind: fc.constant('withDeadline' as const), parent: index, at: fc.integer({ min: 0, max: 80 }), cause }),
  fc.record({ kind: fc.constant('withValue' as const), parent: index, key: fc.nat(1), value: fc.nat(9) }),
  fc.record({ kind: fc.constant('withoutCancel' as const), parent: index }),
  fc.record({ kind: fc.constant('merge' as const), parents: fc.array(index, { minLength: 1, maxLength: 3 }) }),
  fc.record({ kind: fc.constant('cancel' as const), node: index, cause }),
  fc.record({ kind: fc.constant('afterFunc' as const), node: index }),
  fc.record({ kind: fc.constant('stop' as const), callback: index }),
  fc.record({ kind: fc.constant('advance' as const), ms: fc.integer({ min: 0, max: 30 }) }),
);

test('any order of deriving, cancelling, listening and time gives what a naive model of the tree gives', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 40, size: 'max' }), async (commands) => {
      const clock = new VirtualClock();
      const model = new Model();
      const contexts: Context[] = [background()];
      const callbacks: Callback[] = [];
      const at = (anything: number): number => anything % contexts.length;

      const compare = (): void => {
        contexts.forEach((context, position) => {
          const { end, deadline, values } = model.nodes[position] as ModelNode;
          const code = { canceled: 'ERR_CANCELED', deadline: 'ERR_DEADLINE_EXCEEDED' };
          same(context.done, end !== undefined);
          same(context.err?.code, end && code[end.kind]);
          same(context.cause, end && (end.cause ?? context.err));
          same(context.deadline, deadline);
          same(context.remaining(), deadline === undefined ? Infinity : Math.max(0, deadline - model.now));
          keys.forEach((key, name) => {
            same(context.value(key), values.get(name));
          });
        });
        // One ending is one error, over the whole tree.
        const errors = new Map(model.nodes.map(({ end }, position) => [end, contexts[position]?.err]));
        model.nodes.forEach(({ end }, position) => {
          same(contexts[position]?.err, errors.get(end));
        });
      };

      for (const step of commands) {
        switch (step.kind) {
          case 'withCancel':
            model.derive([at(step.parent)]);
            contexts.push(withCancel(contexts[at(step.parent)]));
            break;
          case 'withTimeout':
            model.derive([at(step.parent)], { wanted: model.now + step.ms, deadlineCause: step.cause });
            contexts.push(withTimeout(contexts[at(step.parent)], step.ms, { clock, cause: step.cause }));
            break;
          case 'withDeadline':
            model.derive([at(step.parent)], { wanted: step.at, deadlineCause: step.cause });
            contexts.push(withDeadline(contexts[at(step.parent)], step.at, { clock, cause: step.cause }));
            break;
          case 'withValue': {
            const outer = (model.nodes[at(step.parent)] as ModelNode).values;
            model.derive([at(step.parent)], { values: new Map([...outer, [step.key, step.value]]) });
            contexts.push(withValue(contexts[at(step.parent)], keys[step.key] as (typeof keys)[0], step.value));
            break;
          }
          case 'withoutCancel':
            model.derive([at(step.parent)], { detached: true });
            contexts.push(withoutCancel(contexts[at(step.parent)] as Context));
            break;
          case 'merge': {
            const parents = step.parents.map(at);
            model.derive(parents);
            contexts.push(merge(...parents.map((parent) => contexts[parent] as Context)));
            break;
          }
          case 'cancel': {
            const context = contexts[at(step.node)] as Partial<CancelableContext>;
            if (context.cancel === undefined) break;
            model.cancel(at(step.node), step.cause);
            context.cancel(step.cause);
            break;
          }
          case 'afterFunc': {
            const node = at(step.node);
            const stop = afterFunc(contexts[node] as Context, () => {
              callback.runs++;
            });
            const callback: Callback = { node, stop, runs: 0, state: 'waiting' };
            if (model.nodes[node]?.end !== undefined) callback.state = 'due';
            callbacks.push(callback);
            break;
          }
          case 'stop': {
            const callback = callbacks[step.callback % callbacks.length];
            if (callback === undefined) break;
            same(callback.stop(), callback.state === 'waiting');
            if (callback.state === 'waiting') callback.state = 'stopped';
            break;
          }
          case 'advance':
            model.advance(step.ms);
            await clock.advance(step.ms);
        }
        for (const callback of callbacks) {
          if (callback.state === 'waiting' && model.nodes[callback.node]?.end !== undefined) callback.state = 'due';
        }
        compare();
        await Promise.resolve();
        for (const { runs, state } of callbacks) same(runs, state === 'due' ? 1 : 0);
      }
      for (const context of contexts) (context as Partial<CancelableContext>).cancel?.();
      same(clock.pending, 0);
    }),
    { numRuns: 1_000 },
  );
}, 30_000);
