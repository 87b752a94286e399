import { ownBackground } from './background.ts';
import { binds } from './binds.ts';
import type { Clock } from './clock.ts';
import { clockKey, clockOf } from './clock-of.ts';
import type { Context } from './context.ts';
import type { ContextKey } from './context-key.ts';
import { Ending } from './ending.ts';
import {
  addListener,
  removeListener,
  type Dependent,
  type ListenerEntry,
  type ListenerSource,
} from './listener-list.ts';
import { SignalContext } from './signal-context.ts';
import { systemClock } from './system-clock.ts';
import type { TimeScope } from './time-scope.ts';
import { TreeContext, type CancellationSource } from './tree-context.ts';
import { anyKey, unbound, type Binding, type OpenBinding } from './value-lookup.ts';

/** By which an object that passes everything on to a context of ours says to which one, so that it costs no `AbortController` as a parent. */
export const delegatesTo: unique symbol = Symbol.for('@patterns/context.delegates-to') as never;

/**
 * Stands in, as a parent, for a context that is not ours: hand-written, or from another copy of the package. Its end is heard through its `signal`, together with
 * everything else that listens to the same signal; what it says of itself is asked of it each time.
 */
export class ForeignContext extends TreeContext implements Dependent {
  static readonly #standIns = new WeakMap<Context, ForeignContext>();

  readonly parent: undefined;
  readonly bindings: Binding;
  readonly source: this = this;
  readonly #origin: Context;
  readonly #time: TimeScope;
  firstListener: ListenerEntry | undefined = undefined;
  ending: Ending | undefined = undefined;
  nextListener: ListenerEntry | undefined = undefined;
  previousListener: ListenerEntry | undefined = undefined;
  listensTo: ListenerSource | undefined = undefined;

  /** The same object for the same context. */
  static of(context: Context): ForeignContext {
    let standIn = ForeignContext.#standIns.get(context);
    if (standIn === undefined) ForeignContext.#standIns.set(context, (standIn = new ForeignContext(context)));
    return standIn;
  }

  private constructor(origin: Context) {
    super();
    this.#origin = origin;
    this.#time = new ForeignTime(origin);
    this.bindings = new ForeignBindings(origin);
  }

  /** While it has neither clock nor deadline, what is derived from it may be given a clock. */
  get time(): TimeScope | undefined {
    return clockOf(this.#origin) === undefined && this.#origin.deadline === undefined ? undefined : this.#time;
  }

  get signal(): AbortSignal {
    return this.#signal ?? ownBackground.signal;
  }

  /** Like `Done` in Go, it may be missing where there is no end. */
  get #signal(): AbortSignal | undefined {
    return this.#origin.signal;
  }

  currentEnding(): Ending | undefined {
    if (this.ending === undefined && (this.#origin.done || this.signal.aborted)) this.settle();
    return this.ending;
  }

  settle(fallback?: Ending): void {
    this.ending = this.#ownEnding() ?? fallback ?? Ending.ofSignal(this.signal);
  }

  /** What it says itself, if it can: reading that may throw, but not keep from ending what listens to the same signal. */
  #ownEnding(): Ending | undefined {
    try {
      const { err, cause } = this.#origin;
      return err === undefined ? undefined : new Ending(cause === err ? undefined : cause, undefined, err);
    } catch {
      return undefined;
    }
  }

  onFirstListener(): void {
    if (this.#signal !== undefined) addListener(SignalContext.of(this.#signal), this);
  }

  onNoListener(): void {
    removeListener(this);
  }

  onCanceled(): void {
    // It has its own signal.
  }

  describe(): string {
    return describe(this.#origin);
  }
}

/** Stands in for a delegating object: ends with what it delegates to, and has the values of the object itself. */
export class DelegateContext extends TreeContext {
  readonly parent: undefined;
  readonly time: TimeScope | undefined;
  readonly bindings: Binding;
  readonly source: CancellationSource | undefined;
  readonly #base: TreeContext;
  readonly #origin: Context;

  constructor(origin: Context, base: TreeContext) {
    super();
    this.time = base.time;
    this.bindings = new ForeignBindings(origin);
    this.source = base.source;
    this.#base = base;
    this.#origin = origin;
  }

  get signal(): AbortSignal {
    return this.#base.signal;
  }

  describe(): string {
    return describe(this.#origin);
  }
}

class ForeignTime implements TimeScope {
  readonly #origin: Context;
  readonly clock: Clock;

  constructor(origin: Context) {
    this.#origin = origin;
    this.clock = clockOf(origin) ?? systemClock;
  }

  /** On our clock: exactly as given where it is on that one, else converted by what remains. */
  get deadlineMs(): number | undefined {
    const { deadline } = this.#origin;
    if (deadline === undefined) return undefined;
    const converted = this.clock.now() + this.#origin.remaining();
    return Math.abs(converted - deadline) < 1 ? deadline : converted;
  }

  remainingMs(): number {
    return Math.max(0, this.#origin.remaining());
  }
}

class ForeignBindings implements OpenBinding {
  readonly #origin: Context;
  readonly key: typeof anyKey = anyKey;
  readonly boundValue: undefined;
  readonly outer: undefined;
  farKey: undefined;
  farValue: undefined;

  constructor(origin: Context) {
    this.#origin = origin;
  }

  /** A hand-written one cannot tell us whether the key is bound to its default or not at all; for reading that makes no difference. Nor need it know that there are defaults. */
  find(key: ContextKey<unknown>): unknown {
    const value = this.#origin.value(key);
    if (value !== undefined && value !== key.defaultValue) return value;
    return binds(this.#origin, key) ? value : unbound;
  }
}

function describe(origin: object): string {
  // One of another copy, or one that passes on what such a one says, knows its own chain.
  if (clockKey in origin) return (origin as { toString(): string }).toString().replace(/^context\./, '');
  const { constructor } = origin as { readonly constructor?: { readonly name?: unknown } };
  const name = constructor?.name;
  return typeof name === 'string' && name !== '' && name !== 'Object' ? name : 'custom';
}
