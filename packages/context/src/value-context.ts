import { ownBackground } from './background.ts';
import type { Cancellation, Context } from './context.ts';
import { createKey, type ContextKey } from './context-key.ts';
import type { TimeScope } from './time-scope.ts';
import { toParent } from './to-context.ts';
import { TreeContext, type CancellationSource } from './tree-context.ts';
import type { Binding } from './value-lookup.ts';

/** Binds one key. Ends with its parent, of which it is no child: it holds nothing there and need not be disposed. */
class ValueContext extends TreeContext implements Binding {
  /** @internal Keeps V8 from forgetting the shape: docs/decisions/0010. */
  static readonly specimen: object = /* @__PURE__ */ new ValueContext(
    ownBackground,
    /* @__PURE__ */ createKey('specimen'),
    undefined,
  );

  readonly parent: TreeContext;
  readonly time: TimeScope | undefined;
  readonly bindings: this;
  readonly source: CancellationSource | undefined;
  readonly key: ContextKey<unknown>;
  readonly boundValue: unknown;
  readonly outer: Binding | undefined;
  farKey: unknown = undefined;
  farValue: unknown = undefined;

  constructor(parent: TreeContext, key: ContextKey<unknown>, value: unknown) {
    super();
    this.parent = parent;
    this.time = parent.time;
    this.source = parent.source;
    this.outer = parent.bindings;
    this.bindings = this;
    this.key = key;
    this.boundValue = value;
  }

  get signal(): AbortSignal {
    // Whatever never ends may share one that never aborts.
    return (this.source ?? ownBackground).signal;
  }

  describe(): string {
    return `withValue(${this.key.name})`;
  }
}

/** Binding `undefined` shadows an outer binding, where the key has no default. */
export function withValue<T, R extends T | undefined>(
  parent: Cancellation | undefined,
  key: ContextKey<T, R>,
  value: NoInfer<R>,
): Context {
  const from = toParent(parent);
  if (!isKey(key)) throw new TypeError('key must be one made by createKey');
  return new ValueContext(from, key, value);
}

function isKey(key: unknown): boolean {
  return typeof key === 'object' && key !== null && 'defaultValue' in key;
}
