import { background, createKey, withCancel, withTimeout, withValue, type CancelableContext } from '@patterns/context';
import { CancellationListener } from '@patterns/context/internal';
import { collectGarbage } from '@patterns-tools/test-kit';

const tenant = createKey<string>('tenant');

class Heard extends CancellationListener {
  count = 0;
  onCanceled(): void {
    this.count++;
  }
}

/** Bytes of heap of each of 100 000 objects that are alive at once. */
async function bytesEach(make: (index: number) => unknown): Promise<number> {
  const kept: unknown[] = Array.from({ length: 100_000 });
  await collectGarbage();
  const before = process.memoryUsage().heapUsed;
  for (let index = 0; index < kept.length; index++) kept[index] = make(index);
  await collectGarbage();
  const bytes = (process.memoryUsage().heapUsed - before) / kept.length;
  for (const one of kept) (one as Partial<CancelableContext>).cancel?.();
  return bytes;
}

it('makes no controller, event target or set before somebody reads signal', () => {
  const made: string[] = [];
  const originals = { AbortController, EventTarget, Set, Map, WeakRef, Promise };
  for (const [name, original] of Object.entries(originals)) {
    const counting = new Proxy(original as new () => object, {
      construct: (target, args, newTarget) => {
        made.push(name);
        return Reflect.construct(target, args, newTarget) as object;
      },
    });
    Object.assign(globalThis, { [name]: counting });
  }
  let signal: AbortSignal;
  try {
    const parent = withCancel(background());
    const child = withTimeout(withValue(parent, tenant, 'acme'), 60_000, { name: 'checkout' });
    const listener = new Heard();
    listener.listenTo(child);
    withCancel(child)[Symbol.dispose]();
    parent.cancel('why');
    expect(listener.count).toBe(1);
    expect([child.done, child.cause, child.value(tenant), child.remaining() > 0]).toEqual([true, 'why', 'acme', true]);
    expect(withCancel(child).done).toBe(true);
    expect(made).toEqual([]);
    ({ signal } = child);
  } finally {
    Object.assign(globalThis, originals);
  }
  expect(made).toEqual(['AbortController']);
  expect(signal.aborted).toBe(true);
});

it('keeps a live cancellable context within 120 bytes', async () => {
  const parent = withCancel();
  expect(await bytesEach(() => withCancel(parent))).toBeLessThan(120);
});

it('keeps a live deadline within 200 bytes', async () => {
  expect(await bytesEach((index) => withTimeout(undefined, 60_000 + ((index * 7_919) % 100_000)))).toBeLessThan(200);
});

it('keeps a value within 120 bytes', async () => {
  expect(await bytesEach(() => withValue(undefined, tenant, 'acme'))).toBeLessThan(120);
});
