import { getEventListeners } from 'node:events';
import { afterFunc } from './after-func.ts';
import { withCancel } from './cancel-context.ts';
import { CanceledError } from './canceled-error.ts';
import { createKey, type ContextKey } from './context-key.ts';
import type { Context } from './context.ts';
import { withTimeout } from './deadline-context.ts';
import { DeadlineExceededError } from './deadline-exceeded-error.ts';
import { markDelegating } from './mark-delegating.ts';
import { merge } from './merge.ts';
import { sleep } from './sleep.ts';
import { VirtualClock } from './virtual-clock.ts';
import { toContext } from './to-context.ts';
import { withValue } from './value-context.ts';
import { withoutCancel } from './without-cancel.ts';

afterEach(() => jest.restoreAllMocks());

const tenant = createKey<string>('tenant');
const retries = createKey('retries', 3);

/** As somebody would write it who has only read the interface. */
class HandWritten implements Context {
  readonly #controller = new AbortController();
  deadline: number | undefined;
  err: CanceledError | DeadlineExceededError | undefined;
  cause: unknown;
  left = Infinity;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }
  get done(): boolean {
    return this.err !== undefined;
  }
  end(err: CanceledError | DeadlineExceededError, cause: unknown = err): void {
    this.err = err;
    this.cause = cause;
    this.#controller.abort(cause);
  }
  remaining(): number {
    return this.left;
  }
  value<T, R extends T | undefined>(key: ContextKey<T, R>): R {
    return (key as unknown) === tenant ? ('acme' as unknown as R) : key.defaultValue;
  }
  throwIfDone(): void {
    if (this.done) throw this.cause as Error;
  }
}

describe('a hand-written context as parent', () => {
  it('ends its children with its own err and cause', () => {
    const parent = new HandWritten();
    const child = withCancel(withValue(parent, retries, 5));
    const err = new DeadlineExceededError('mine');
    expect(child.done).toBe(false);
    parent.end(err, 'why');
    expect([child.done, child.err, child.cause]).toEqual([true, err, 'why']);
    expect(child.err).toBe(err);
  });

  it('that is done gives a child that is done', () => {
    const parent = new HandWritten();
    const err = new CanceledError();
    parent.end(err);
    expect(withCancel(parent).err).toBe(err);
    expect(withCancel(parent).cause).toBe(err);
    expect(withTimeout(parent, 50).done).toBe(true);
  });

  it('that only aborts its signal ends its children by the reason', () => {
    const controller = new AbortController();
    const parent = Object.defineProperty(new HandWritten(), 'signal', { value: controller.signal });
    const child = withCancel(parent);
    controller.abort('why');
    expect([child.cause, child.err?.code]).toEqual(['why', 'ERR_CANCELED']);
    expect(withCancel(parent).cause).toBe('why');
  });

  it('whose time cannot be read lets what is below it have a signal', () => {
    const parent = new HandWritten();
    parent.deadline = 6_000;
    const child = withCancel(parent);
    Object.defineProperty(parent, 'remaining', {
      value: () => {
        throw new Error('by hand');
      },
    });
    const { signal } = child;
    parent.end(new CanceledError());
    expect(signal.aborted).toBe(true);
  });

  it.each(['err', 'cause'] as const)('whose %s cannot be read keeps nobody from ending by the signal', (member) => {
    const controller = new AbortController();
    const { signal } = controller;
    const parent = Object.defineProperty(new HandWritten(), 'signal', { value: signal });
    parent.err = new CanceledError();
    jest.spyOn(parent, 'done', 'get').mockImplementation(() => signal.aborted);
    const contexts = [withCancel(signal), withCancel(withCancel(parent)), withCancel(signal)];
    const asked = Object.create(parent) as HandWritten;
    const listener = jest.fn();
    for (const context of contexts) context.signal.addEventListener('abort', listener);
    Object.defineProperty(parent, member, {
      get: () => {
        throw new Error('cannot be read');
      },
    });
    controller.abort('why');
    expect([...contexts, withCancel(asked)].map(({ cause }) => cause)).toEqual(['why', 'why', 'why', 'why']);
    expect(listener).toHaveBeenCalledTimes(3);
  });

  it('ends all below it, also where somebody asks after its own end and before that of its signal', async () => {
    const parent = new HandWritten();
    const child = withCancel(withCancel(parent));
    const { signal } = child;
    const slept = sleep(60_000, { signal: parent });
    const err = new CanceledError();
    [parent.err, parent.cause] = [err, 'why'];
    expect(withValue(parent, retries, 5).done).toBe(true);
    parent.end(err, 'why');
    expect([child.done, child.cause, signal.reason]).toEqual([true, 'why', 'why']);
    await expect(slept).rejects.toBe('why');
    expect(getEventListeners(parent.signal, 'abort')).toHaveLength(0);
  });

  it('gives its values, below those that are bound here', () => {
    const parent = new HandWritten();
    expect(withCancel(parent).value(tenant)).toBe('acme');
    expect(withCancel(parent).value(retries)).toBe(3);
    expect(withValue(parent, tenant, 'other').value(tenant)).toBe('other');
    expect(withoutCancel(parent).value(tenant)).toBe('acme');
    expect(merge(withCancel(), parent).value(tenant)).toBe('acme');
  });

  it('that knows no keys leaves each its default', () => {
    const parent = new HandWritten();
    parent.value = () => undefined as never;
    expect(withCancel(parent).value(retries)).toBe(3);
    expect(withCancel(parent).value(tenant)).toBeUndefined();
    expect(merge(parent, withValue(undefined, retries, 5)).value(retries)).toBe(5);
  });

  it('gives its deadline as it is where that is on our clock, and what remains of it', () => {
    const parent = new HandWritten();
    jest.spyOn(performance, 'now').mockReturnValue(1_000);
    parent.deadline = 6_000;
    parent.left = 5_000;
    expect(withCancel(parent).deadline).toBe(6_000);
    expect(withCancel(parent).remaining()).toBe(5_000);
    const later = withTimeout(parent, 60_000);
    expect(later.remaining()).toBe(5_000);
    const earlier = withTimeout(parent, 1_000);
    expect(earlier.remaining()).toBeLessThanOrEqual(1_000);
    later.cancel();
    earlier.cancel();
  });

  it('is told by what remains where its deadline is on another clock', () => {
    const parent = new HandWritten();
    parent.deadline = 7;
    parent.left = 5_000;
    jest.spyOn(performance, 'now').mockReturnValue(1_000);
    const child = withTimeout(parent, 60_000);
    expect(child.done).toBe(false);
    expect(child.remaining()).toBe(5_000);
    expect(child.deadline).toBeCloseTo(6_000, 6);
    child.cancel();
  });

  it.each<[string, (parent: Context) => Context]>([
    ['itself', (parent) => parent],
    ['a child', (parent) => withCancel(parent)],
    ['a value', (parent) => withValue(parent, retries, 5)],
    ['what does not end with it', (parent) => withoutCancel(parent)],
    ['what is merged of it', (parent) => merge(withCancel(), parent)],
  ])('leaves the clock open below %s as long as it has no deadline', async (_where, derive) => {
    const clock = new VirtualClock({ now: 1_000 });
    const parent = new HandWritten();
    const context = withTimeout(derive(parent), 5, { clock });
    expect(context.deadline).toBe(1_005);
    await clock.advance(5);
    expect(context.done).toBe(true);
    [parent.deadline, parent.left] = [performance.now() + 5_000, 5_000];
    expect(() => withTimeout(derive(parent), 5, { clock })).toThrow(TypeError);
  });

  it('has at least 0 ms left, whatever it says', () => {
    const parent = new HandWritten();
    [parent.deadline, parent.left] = [performance.now() - 5, -5];
    expect(withCancel(parent).remaining()).toBe(0);
    expect(merge(parent).remaining()).toBe(0);
  });

  it('without a signal is never cancelled', async () => {
    const parent = Object.defineProperty(new HandWritten(), 'signal', { value: undefined });
    const child = withCancel(parent);
    expect([child.done, withValue(parent, retries, 5).signal.aborted]).toEqual([false, false]);
    await sleep(0, { signal: parent });
    child.cancel('why');
    expect(child.cause).toBe('why');
    Object.defineProperty(parent, 'done', { value: true });
    expect(withCancel(parent).err).toBeInstanceOf(CanceledError);
  });

  it.each<[string, object]>([
    ['an object without a class', {}],
    ['one without a prototype', Object.create(null) as object],
    ['one of a class without a name', { constructor: { name: '' } }],
    ['one whose class has a name that is no text', { constructor: { name: 5 } }],
  ])('that is %s is named custom', (_what, object) => {
    const { signal } = new AbortController();
    const members = { signal, deadline: undefined, done: false, err: undefined, cause: undefined };
    const methods = { remaining: () => Infinity, value: () => undefined, throwIfDone: () => undefined };
    expect(String(withCancel(Object.assign(object, members, methods) as never))).toBe('context.custom.withCancel');
  });

  it('carries one listener on its signal for all children, and none after the last', () => {
    const parent = new HandWritten();
    const count = (): number => getEventListeners(parent.signal, 'abort').length;
    const children = Array.from({ length: 100 }, () => withCancel(parent));
    const stop = afterFunc(parent, () => undefined);
    expect(count()).toBe(1);
    for (const child of children) child.cancel();
    stop();
    expect(count()).toBe(0);
  });

  it('shares that listener with other contexts of the same signal', () => {
    const { signal } = new AbortController();
    const share = (): Context => Object.defineProperty(new HandWritten(), 'signal', { value: signal });
    const children = Array.from({ length: 100 }, () => withCancel(share()));
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    for (const child of children) child.cancel();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('is what toContext returns, and is named by its class', async () => {
    const parent = new HandWritten();
    expect(toContext(parent)).toBe(parent);
    expect(String(withCancel(parent))).toBe('context.HandWritten.withCancel');
    const slept = sleep(60_000, { signal: parent });
    parent.end(new CanceledError(), 'why');
    await expect(slept).rejects.toBe('why');
  });
});

describe('an object that says which context it passes everything on to', () => {
  const delegate = (base: Context): Context => {
    const members = ['signal', 'deadline', 'done', 'err', 'cause'] as const;
    const object = {
      remaining: () => base.remaining(),
      throwIfDone: () => {
        base.throwIfDone();
      },
      value: (key: ContextKey<unknown>) => ((key as unknown) === retries ? 9 : base.value(key)),
    };
    for (const member of members) Object.defineProperty(object, member, { get: () => base[member] });
    markDelegating(object as never, () => base);
    return object as never;
  };

  it('makes no AbortController as a parent', () => {
    const made = jest.spyOn(globalThis, 'AbortController');
    const base = withCancel(withValue(undefined, tenant, 'acme'));
    const child = withCancel(delegate(delegate(base)));
    base.cancel('why');
    expect(child.cause).toBe('why');
    expect([child.value(tenant), child.value(retries)]).toEqual(['acme', 9]);
    expect(made).not.toHaveBeenCalled();
  });

  it('has the keys that this context has, also where they are bound to their defaults', () => {
    const base = withValue(withValue(undefined, tenant, undefined), createKey('other', 1), 1);
    const merged = merge(delegate(delegate(base)), withValue(withValue(undefined, tenant, 'x'), retries, 5));
    expect([merged.value(tenant), merged.value(retries)]).toEqual([undefined, 9]);
    expect(merge(delegate(base), withCancel()).value(createKey('unknown', 7))).toBe(7);
  });

  it('lives by the clock of that context', () => {
    const clock = new VirtualClock();
    const base = withTimeout(undefined, 10, { clock });
    expect(withTimeout(delegate(base), 5).deadline).toBe(5);
    base.cancel();
  });
});
