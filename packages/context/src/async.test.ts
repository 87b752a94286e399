import { EventEmitter } from 'node:events';
import { bind, current, run } from './async.ts';
import { background, createKey, fromSignal, sleep, withCancel, withValue } from './index.ts';

const tenant = createKey<string>('tenant');
const storeKey = Symbol.for('@patterns/context.store');
const inTenant = (name: string) => withValue(undefined, tenant, name);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the current context', () => {
  it('is the background before any run, without a store', () => {
    expect(current()).toBe(background());
    expect(bind(() => current())()).toBe(background());
    expect(storeKey in globalThis).toBe(false);
  });

  it('is that of the run, whose function returns as it does', () => {
    const context = withCancel();
    expect(run(context, () => current())).toBe(context);
    expect(current()).toBe(background());
    expect(() =>
      run(context, () => {
        throw new Error('thrown');
      }),
    ).toThrow('thrown');
    expect(current()).toBe(background());
  });

  it('is the view of a signal that was run with', () => {
    const { signal } = new AbortController();
    expect(run(signal, current)).toBe(fromSignal(signal));
  });

  it('nests, and comes back', () => {
    const [outer, inner] = [inTenant('outer'), inTenant('inner')];
    run(outer, () => {
      run(inner, () => {
        expect(current()).toBe(inner);
      });
      expect(current()).toBe(outer);
      run(background(), () => {
        expect(current()).toBe(background());
      });
    });
  });

  it('goes across awaits, timers and what they start', async () => {
    const context = inTenant('acme');
    const seen = await run(context, async () => {
      const found = [current()];
      await Promise.resolve();
      found.push(current());
      await sleep(1);
      found.push(current());
      await new Promise<void>((resolve) => {
        setTimeout(() => {
          found.push(current());
          resolve();
        }, 0);
      });
      queueMicrotask(() => found.push(current()));
      await turn();
      return found;
    });
    expect(seen).toEqual(Array(5).fill(context));
  });

  it('does not leak between flows that interleave', async () => {
    const flow = (name: string): Promise<unknown[]> =>
      run(inTenant(name), async () => {
        const seen: unknown[] = [];
        for (let step = 0; step < 5; step++) {
          seen.push(current().value(tenant));
          await (step % 2 ? turn() : sleep(0));
        }
        return seen;
      });
    const names = Array.from({ length: 20 }, (_, index) => `tenant ${index}`);
    expect(await Promise.all(names.map(flow))).toEqual(names.map((name) => Array.from({ length: 5 }, () => name)));
    expect(current()).toBe(background());
  });

  it('is that of whoever emits, for listeners of events, unless they are bound', () => {
    const emitter = new EventEmitter();
    const seen: unknown[] = [];
    run(inTenant('listener'), () => {
      emitter.on('event', () => seen.push(current().value(tenant)));
      emitter.on(
        'event',
        bind(() => seen.push(current().value(tenant))),
      );
    });
    run(inTenant('emitter'), () => emitter.emit('event'));
    expect(seen).toEqual(['emitter', 'listener']);
  });
});

describe('bind', () => {
  it('passes this and arguments through', () => {
    const context = inTenant('acme');
    const bound = run(context, () =>
      bind(function (this: { readonly base: number }, a: number, b: number) {
        return [this.base + a + b, current()] as const;
      }),
    );
    expect(bound.call({ base: 1 }, 2, 3)).toEqual([6, context]);
  });

  it('binds to the background where there is no current context', () => {
    const bound = bind(() => current());
    expect(run(inTenant('acme'), bound)).toBe(background());
  });
});

describe('what is no context or no function', () => {
  it('is refused at once', () => {
    for (const ctx of [undefined, null, {}, 5]) expect(() => run(ctx as never, () => 1)).toThrow(TypeError);
    expect(() => run(withCancel(), 5 as never)).toThrow(TypeError);
    expect(() => bind(undefined as never)).toThrow(TypeError);
  });
});
