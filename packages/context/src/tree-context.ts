import { bindsKey } from './binds.ts';
import type { CanceledError } from './canceled-error.ts';
import type { Clock } from './clock.ts';
import { clockKey } from './clock-of.ts';
import type { Context } from './context.ts';
import type { ContextKey } from './context-key.ts';
import type { DeadlineExceededError } from './deadline-exceeded-error.ts';
import type { Ending } from './ending.ts';
import type { ListenerSource } from './listener-list.ts';
import type { TimeScope } from './time-scope.ts';
import { lookUp, unbound, type Binding } from './value-lookup.ts';

/** What a context listens to, or lets others listen to, with what that knows about its end. */
export interface CancellationSource extends ListenerSource {
  readonly signal: AbortSignal;
  /** Asks the platform too, where it is a signal of somebody else's. */
  currentEnding(): Ending | undefined;
}

/**
 * Base of all contexts made here. Each points at what it shares with its parents: `source` ends it, `time` has its clock and deadline, `bindings` its values.
 * So none of these costs more in a deep tree than in a flat one.
 */
export abstract class TreeContext implements Context {
  static {
    const inspect = Symbol.for('nodejs.util.inspect.custom');
    Object.defineProperty(this.prototype, inspect, {
      value(this: TreeContext): string {
        return this.toString();
      },
    });
    Object.defineProperty(this.prototype, clockKey, {
      get(this: TreeContext): Clock | undefined {
        return this.time?.clock;
      },
    });
    Object.defineProperty(this.prototype, bindsKey, {
      value(this: TreeContext, key: ContextKey<unknown>): boolean {
        return lookUp(this.bindings, key) !== unbound;
      },
    });
  }

  // Assigned by each class, not by a constructor here: stores that meet objects of nine classes are slow.
  /** For the text only: everything else is shared through the other members. */
  abstract readonly parent: TreeContext | undefined;
  abstract readonly time: TimeScope | undefined;
  abstract readonly bindings: Binding | undefined;
  /** Undefined if it never ends. */
  abstract readonly source: CancellationSource | undefined;
  abstract get signal(): AbortSignal;
  /** Its own part of the text, after that of its parent. */
  abstract describe(): string;

  get deadline(): number | undefined {
    return this.time?.deadlineMs;
  }

  get done(): boolean {
    return this.source?.currentEnding() !== undefined;
  }

  get err(): CanceledError | DeadlineExceededError | undefined {
    return this.source?.currentEnding()?.err;
  }

  get cause(): unknown {
    return this.source?.currentEnding()?.cause;
  }

  remaining(): number {
    return this.time === undefined ? Infinity : this.time.remainingMs();
  }

  value<T, R extends T | undefined>(key: ContextKey<T, R>): R {
    const value = lookUp(this.bindings, key);
    return value === unbound ? key.defaultValue : (value as R);
  }

  throwIfDone(): void {
    const ending = this.source?.currentEnding();
    // The cause is whatever it was cancelled with.
    if (ending !== undefined) throw ending.cause;
  }

  toString(): string {
    const parts: string[] = [];
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- the walk begins here
    for (let context: TreeContext | undefined = this; context !== undefined; context = context.parent) {
      parts.push(context.describe());
    }
    return `context.${parts.reverse().join('.')}`;
  }

  /** For loggers: the links of the tree are no data. */
  toJSON(): string {
    return this.toString();
  }
}
