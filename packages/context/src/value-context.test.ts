import { background } from './background.ts';
import { withCancel } from './cancel-context.ts';
import type { Context } from './context.ts';
import { createKey } from './context-key.ts';
import { withValue } from './value-context.ts';

const tenant = createKey<string>('tenant');
const retries = createKey('retries', 3);

describe('values', () => {
  it('are those of the nearest binding', () => {
    const outer = withValue(undefined, tenant, 'outer');
    const inner = withValue(withCancel(outer), tenant, 'inner');
    expect(outer.value(tenant)).toBe('outer');
    expect(withCancel(inner).value(tenant)).toBe('inner');
    expect(inner.value(retries)).toBe(3);
    expect(background().value(tenant)).toBeUndefined();
  });

  it('are looked up by identity: the name is for people', () => {
    const twin = createKey<string>('tenant');
    const context = withValue(withValue(undefined, tenant, 'a'), twin, 'b');
    expect([context.value(tenant), context.value(twin)]).toEqual(['a', 'b']);
  });

  it('may be undefined, which shadows what is bound further out', () => {
    const context = withValue(withValue(undefined, tenant, 'outer'), tenant, undefined);
    expect(context.value(tenant)).toBeUndefined();
  });

  it('are readable after the end', () => {
    const parent = withCancel();
    const context = withValue(parent, tenant, 'acme');
    parent.cancel();
    expect(context.value(tenant)).toBe('acme');
  });

  it('far out are found again, and stay apart from those nearer', () => {
    const keys = Array.from({ length: 200 }, (_, index) => createKey(`k${index}`, -1));
    let context: Context = withValue(undefined, tenant, 'acme');
    for (const [index, key] of keys.entries()) context = withValue(context, key, index);
    const shadowed = withValue(context, tenant, undefined);
    for (let round = 0; round < 3; round++) {
      expect(keys.map((key) => context.value(key))).toEqual(keys.map((_, index) => index));
      expect(context.value(tenant)).toBe('acme');
      expect(context.value(tenant)).toBe('acme');
      expect(shadowed.value(tenant)).toBeUndefined();
      expect(context.value(retries)).toBe(3);
    }
  });

  it('below 100 000 bindings are found without recursion', () => {
    let context: Context = withValue(undefined, tenant, 'acme');
    for (let depth = 0; depth < 100_000; depth++) context = withValue(context, retries, depth);
    expect(context.value(tenant)).toBe('acme');
  });

  it('below 100 000 bindings of a context that never ends have a signal without recursion', () => {
    let context: Context = withValue(undefined, tenant, 'acme');
    for (let depth = 0; depth < 100_000; depth++) context = withValue(context, retries, depth);
    expect(context.signal.aborted).toBe(false);
    expect(context.signal).toBe(context.signal);
  });
});

describe('withValue', () => {
  it('ends with its parent, with err, cause and signal of that', () => {
    const parent = withCancel();
    const context = withValue(parent, tenant, 'acme');
    expect(context.signal).toBe(parent.signal);
    parent.cancel('why');
    expect([context.done, context.err, context.cause]).toEqual([true, parent.err, 'why']);
    expect(() => {
      context.throwIfDone();
    }).toThrow('why');
  });

  it('cannot be cancelled itself', () => {
    expect('cancel' in withValue(undefined, tenant, 'acme')).toBe(false);
  });

  it('refuses what is no key, and no parent', () => {
    expect(() => withValue(undefined, 'tenant' as never, 1)).toThrow(TypeError);
    expect(() => withValue(undefined, undefined as never, 1)).toThrow(TypeError);
    expect(() => withValue(null as never, tenant, 'acme')).toThrow(TypeError);
    expect(() => createKey(5 as never)).toThrow(TypeError);
  });

  it('shows keys by name, values never', () => {
    expect(String(withValue(withCancel(), tenant, 'secret'))).toBe('context.Background.withCancel.withValue(tenant)');
  });
});
