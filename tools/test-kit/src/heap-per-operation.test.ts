import { setMaxListeners } from 'node:events';
import { collectGarbage, heapPerOperation } from './heap-per-operation.ts';

// A collection takes 50 ms, or a second on a busy machine.
jest.setTimeout(30_000);

describe('heapPerOperation', () => {
  it('measures nothing where nothing is kept', async () => {
    expect(await heapPerOperation(() => ({ garbage: true }))).toBeLessThan(2);
  });

  it('catches what each call keeps', async () => {
    const kept: unknown[] = [];
    expect(await heapPerOperation(() => kept.push({ index: 1 }), { rounds: 3 })).toBeGreaterThan(16);
  });

  it('catches a listener per call', async () => {
    const { signal } = new AbortController();
    setMaxListeners(0, signal);
    const leak = (): void => {
      signal.addEventListener('abort', () => undefined);
    };
    expect(await heapPerOperation(leak, { operations: 2_000 })).toBeGreaterThan(50);
  });

  it('awaits a call before the next', async () => {
    let running = 0;
    let most = 0;
    const fn = async (): Promise<void> => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      running--;
    };
    expect(await heapPerOperation(fn, { operations: 10_000, rounds: 3 })).toBeLessThan(10);
    expect(most).toBe(1);
  });
});

describe('collectGarbage', () => {
  it('empties weak references and runs finalizers', async () => {
    let finalized = 0;
    const registry = new FinalizationRegistry<undefined>(() => finalized++);
    const reference = ((): WeakRef<object> => {
      const target = {};
      registry.register(target, undefined);
      return new WeakRef(target);
    })();
    await collectGarbage();
    expect(reference.deref()).toBeUndefined();
    expect(finalized).toBe(1);
  });
});
