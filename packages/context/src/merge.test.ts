import { getEventListeners } from 'node:events';
import { withCancel } from './cancel-context.ts';
import type { CancelableContext } from './context.ts';
import { createKey } from './context-key.ts';
import { withTimeout } from './deadline-context.ts';
import { merge } from './merge.ts';
import { VirtualClock } from './virtual-clock.ts';
import { withValue } from './value-context.ts';

const tenant = createKey<string>('tenant');
const region = createKey('region', 'eu');

describe('merge', () => {
  it('is done when the first parent is, with its err and cause', () => {
    const [one, other] = [withCancel(), withCancel()];
    const merged = merge(one, other);
    const child = withCancel(merged);
    other.cancel('why');
    expect([merged.done, merged.cause, child.cause]).toEqual([true, 'why', 'why']);
    expect(merged.err).toBe(other.err);
    one.cancel('later');
    expect(merged.cause).toBe('why');
  });

  it('does not end its parents', () => {
    const [one, other] = [withCancel(), withCancel()];
    merge(one, other).cancel('why');
    expect([one.done, other.done]).toEqual([false, false]);
  });

  it('is done already where a parent is: the first of them in order', () => {
    const [alive, first, second] = [withCancel(), withCancel(), withCancel()];
    second.cancel('second');
    first.cancel('first');
    expect(merge(alive, first, second).cause).toBe('first');
  });

  it('leaves its parents when it ends, in whichever way', () => {
    const controllers = [new AbortController(), new AbortController()];
    const signals = controllers.map(({ signal }) => signal);
    const count = (): number[] => signals.map((signal) => getEventListeners(signal, 'abort').length);
    {
      using merged = merge(...signals);
      expect(merged.done).toBe(false);
      expect(count()).toEqual([1, 1]);
    }
    expect(count()).toEqual([0, 0]);
    const merged = merge(...signals);
    controllers[0]?.abort();
    expect(merged.done).toBe(true);
    expect(count()).toEqual([0, 0]);
  });

  it('takes the same parent twice, and parents that are parents of one another', () => {
    const root = withCancel();
    const child = withCancel(root);
    const merged = merge(root, root, child, withValue(child, tenant, 'x'));
    const below = withCancel(merged);
    let told = 0;
    merged.signal.addEventListener('abort', () => told++);
    root.cancel('why');
    expect([merged.cause, below.cause, told]).toEqual(['why', 'why', 1]);
  });

  it('has the values of the first parent that has the key', () => {
    const merged = merge(
      withValue(undefined, region, 'us'),
      withValue(undefined, tenant, 'acme'),
      withValue(undefined, tenant, 'other'),
    );
    expect([merged.value(tenant), merged.value(region)]).toEqual(['acme', 'us']);
    expect(
      merge(withValue(undefined, tenant, undefined), withValue(undefined, tenant, 'x')).value(tenant),
    ).toBeUndefined();
    expect(merge().value(region)).toBe('eu');
  });

  it('has the earliest deadline, on the clock of the first parent that has one', async () => {
    const clock = new VirtualClock({ now: 1_000 });
    const other = new VirtualClock({ now: 50 });
    const parents = [
      withCancel(),
      withTimeout(undefined, 500, { clock }),
      withTimeout(undefined, 20, { clock: other }),
    ];
    const merged = merge(...parents);
    expect(merged.deadline).toBe(1_020);
    expect(merged.remaining()).toBe(20);
    expect(withTimeout(merged, 5).deadline).toBe(1_005);
    await other.advance(20);
    expect(merged.err).toBe(parents[2]?.err);
    for (const parent of parents) parent.cancel();
  });

  it('lives by the clock of the first parent with a deadline, else of the first that has a clock', () => {
    const [one, other] = [new VirtualClock({ now: 1_000 }), new VirtualClock({ now: 50 })];
    const timeless = withTimeout(undefined, Infinity, { clock: one });
    using late = withTimeout(undefined, 500, { clock: other });
    using belowBoth = withTimeout(merge(withCancel(), timeless, late), 20);
    using belowOne = withTimeout(merge(withCancel(), timeless), 20);
    expect([belowBoth.deadline, belowOne.deadline]).toEqual([70, 1_020]);
  });

  it('looks for values without recursion, and once in what its parents share', () => {
    let deep = merge(withValue(undefined, tenant, 'acme'));
    for (let depth = 0; depth < 100_000; depth++) deep = merge(deep);
    expect([deep.value(tenant), deep.value(region)]).toEqual(['acme', 'eu']);
    let wide = merge(withValue(undefined, tenant, 'acme'));
    for (let depth = 0; depth < 60; depth++) wide = merge(withValue(wide, createKey('other'), ''), wide);
    expect([wide.value(tenant), wide.value(region)]).toEqual(['acme', 'eu']);
    const [left, right] = ['left', 'right'].map((side) => merge(withValue(undefined, tenant, side)));
    expect(merge(merge(), left as CancelableContext, right as CancelableContext).value(tenant)).toBe('left');
  });

  it('of nothing only ends by itself', () => {
    const merged = merge();
    expect([merged.done, merged.deadline]).toEqual([false, undefined]);
    merged.cancel('why');
    expect(merged.cause).toBe('why');
  });

  it('may be 100 000 deep', () => {
    const root = withCancel();
    let merged: CancelableContext = root;
    for (let depth = 0; depth < 100_000; depth++) merged = merge(merged, withCancel());
    root.cancel('why');
    expect(merged.cause).toBe('why');
  });

  it('refuses undefined and everything else that is no parent, naming which', () => {
    expect(() => merge(withCancel(), undefined as never)).toThrow('parents[1] must be an AbortSignal or a Context');
    expect(() => merge(null as never)).toThrow(TypeError);
  });

  it('says how many it is made of', () => {
    expect(String(withCancel(merge(withCancel(), withCancel())))).toBe(
      'context.Background.merge(2 contexts).withCancel',
    );
  });
});
