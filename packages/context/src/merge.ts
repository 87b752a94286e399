import { ownBackground } from './background.ts';
import { CancelContext } from './cancel-context.ts';
import type { Clock } from './clock.ts';
import type { CancelableContext, Cancellation } from './context.ts';
import { addListener, removeListener, type ListenerEntry, type ListenerSource } from './listener-list.ts';
import type { TimeScope } from './time-scope.ts';
import { toTreeContext } from './to-context.ts';
import type { CancellationSource, TreeContext } from './tree-context.ts';
import { anyKey, type Binding, type OpenBinding } from './value-lookup.ts';

/** Hears several parents, through one entry in the list of each. */
class MergedContext extends CancelContext {
  #links: readonly MergeLink[] = [];
  readonly #parents: readonly TreeContext[];

  constructor(parents: readonly TreeContext[]) {
    super(ownBackground);
    this.#parents = parents;
    this.time = earliest(parents);
    this.bindings = new MergedBindings(parents);
  }

  followAll(): void {
    const sources = new Set<CancellationSource>();
    for (const { source } of this.#parents) {
      if (source === undefined) continue;
      this.ending = source.currentEnding();
      if (this.ending !== undefined) return;
      sources.add(source);
    }
    this.#links = Array.from(sources, (source) => new MergeLink(this, source));
  }

  override onCanceled(): void {
    // Not when it settles, as one of the links may be what is being walked then.
    for (const link of this.#links) removeListener(link);
    this.#links = [];
    super.onCanceled();
  }

  override describe(): string {
    return `merge(${this.#parents.length} contexts)`;
  }
}

class MergeLink implements ListenerEntry {
  nextListener: ListenerEntry | undefined = undefined;
  previousListener: ListenerEntry | undefined = undefined;
  listensTo: ListenerSource | undefined = undefined;
  readonly source: MergedContext;

  constructor(merged: MergedContext, parent: ListenerSource) {
    this.source = merged;
    addListener(parent, this);
  }

  onCanceled(): void {
    // What it stands for has ended, and is told by itself.
  }
}

/** On one clock: deadlines of others are converted, once, by what remains of them. */
class MergedTime implements TimeScope {
  readonly clock: Clock;
  readonly deadlineMs: number | undefined;

  constructor(clock: Clock, deadlineMs: number | undefined) {
    this.clock = clock;
    this.deadlineMs = deadlineMs;
  }

  remainingMs(): number {
    return this.deadlineMs === undefined ? Infinity : Math.max(0, this.deadlineMs - this.clock.now());
  }
}

function earliest(parents: readonly TreeContext[]): TimeScope | undefined {
  const scopes = parents.flatMap(({ time }) => time ?? []);
  const clock = (scopes.find(({ deadlineMs }) => deadlineMs !== undefined) ?? scopes[0])?.clock;
  if (clock === undefined) return undefined;
  let deadlineMs: number | undefined;
  for (const scope of scopes) {
    if (scope.deadlineMs === undefined) continue;
    const converted = scope.clock === clock ? scope.deadlineMs : clock.now() + scope.remainingMs();
    deadlineMs = Math.min(converted, deadlineMs ?? Infinity);
  }
  return new MergedTime(clock, deadlineMs);
}

class MergedBindings implements OpenBinding {
  readonly key: typeof anyKey = anyKey;
  readonly boundValue: undefined;
  readonly outer: undefined;
  farKey: undefined;
  farValue: undefined;
  readonly branches: readonly (Binding | undefined)[];

  constructor(parents: readonly TreeContext[]) {
    this.branches = parents.map(({ bindings }) => bindings);
  }
}

/** Done when the first parent is, with its `err` and `cause`; earliest deadline, on the clock of the first parent that has one; values of the first parent that has the key. Dispose it, to leave the parents. */
export function merge(...parents: readonly Cancellation[]): CancelableContext {
  const merged = new MergedContext(parents.map((parent, index) => toTreeContext(parent, `parents[${index}]`)));
  merged.followAll();
  return merged;
}
