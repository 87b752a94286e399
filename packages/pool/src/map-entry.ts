import { waitFor, type Context, type Operation } from '@patterns/context';
import { isPromiseLike } from '@patterns/context/internal';
import { observed, plainSpec, type TaskObserver, type TaskSpec } from './task-spec.ts';

export type MapFunction<T, R> = (item: T, ctx: Context, index: number) => R | PromiseLike<R>;

/** The map that an entry belongs to. */
export interface MapOwner<T, R> {
  readonly context: Context;
  readonly fn: MapFunction<T, R>;
  settled(entry: MapEntry<T, R>, ok: boolean, result: unknown): void;
  ended(entry: MapEntry<T, R>, nowMs: number): void;
}

/** One item between being taken and being delivered. Used again: there are never more of them than may run. */
export class MapEntry<T, R> implements TaskObserver {
  /** @internal Keeps V8 from forgetting the shape: docs/decisions/0010. */
  static readonly specimen: object = /* @__PURE__ */ new MapEntry({} as MapOwner<unknown, unknown>);

  readonly #owner: MapOwner<T, R>;
  readonly spec: TaskSpec;
  #item: T | PromiseLike<T> | undefined = undefined;
  #index = 0;
  #isOk = false;
  #result: unknown = undefined;
  /** `fn` has been called for it. */
  isBegun = false;
  isDone = false;
  isDelivered = false;
  hasEnded = false;

  constructor(owner: MapOwner<T, R>) {
    this.#owner = owner;
    this.spec = observed(plainSpec, this, owner.context, true, true);
  }

  begin(item: T | PromiseLike<T>, index: number): void {
    this.#item = item;
    this.#index = index;
    this.isBegun = this.isDone = this.isDelivered = this.hasEnded = false;
  }

  readonly operation: Operation<R> = (ctx) => {
    const { fn } = this.#owner;
    const item = this.#item as T | PromiseLike<T>;
    const index = this.#index;
    this.isBegun = true;
    this.#item = undefined;
    if (!isPromiseLike(item)) return fn(item, ctx, index);
    // It may never settle, and `fn` has not been told that it need not wait.
    return waitFor(item, { signal: ctx }).then((value) => {
      ctx.throwIfDone();
      return fn(value, ctx, index);
    });
  };

  settled(ok: boolean, result: unknown): void {
    this.#owner.settled(this, ok, result);
  }

  ended(_ok: boolean, _result: unknown, nowMs: number): void {
    this.hasEnded = true;
    this.#owner.ended(this, nowMs);
  }

  finish(ok: boolean, result: unknown): void {
    this.#isOk = ok;
    this.#result = result;
    this.isDone = true;
  }

  deliver<Out>(toResult: ((ok: boolean, result: unknown) => Out) | undefined): Out {
    const result = this.#result;
    this.#result = undefined;
    this.isDelivered = true;
    return toResult === undefined ? (result as Out) : toResult(this.#isOk, result);
  }
}
