import { getEventListeners } from 'node:events';
import { withCancel } from './cancel-context.ts';
import { waitFor } from './wait-for.ts';

const never = new Promise<never>(() => undefined);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('waitFor', () => {
  // Jest fails a test in whose time there is an unhandled rejection; `process` in its sandbox is a copy that hears of none.
  afterEach(turn);

  it('gives the outcome of the promise', async () => {
    await expect(waitFor(Promise.resolve(1))).resolves.toBe(1);
    await expect(waitFor(Promise.reject(new Error('no')))).rejects.toThrow('no');
    const { signal } = new AbortController();
    await expect(waitFor(Promise.resolve(1), { signal })).resolves.toBe(1);
    await expect(waitFor(Promise.reject(new Error('no')), { signal })).rejects.toThrow('no');
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('asks a promise by the method of the platform, as `await` does, whatever `then` of its own it has', async () => {
    const promise = Object.assign(Promise.resolve('awaited'), {
      then: (onValue: (v: string) => void) => {
        onValue('told');
      },
    });
    await expect(waitFor(promise as Promise<string>)).resolves.toBe('awaited');
  });

  it('rejects at once with the reason, and leaves no listener behind', async () => {
    const context = withCancel();
    const waits = [waitFor(never, { signal: context }), waitFor(never, { signal: context.signal })];
    context.cancel('why');
    await expect(waits[0]).rejects.toBe('why');
    await expect(waits[1]).rejects.toBe('why');
    expect(getEventListeners(context.signal, 'abort')).toHaveLength(0);
  });

  it('prefers a signal that has ended before to a promise that is there', async () => {
    await expect(waitFor(Promise.resolve(1), { signal: AbortSignal.abort('why') })).rejects.toBe('why');
  });

  it('swallows a rejection that comes too late', async () => {
    const context = withCancel();
    let reject: (error: Error) => void = () => undefined;
    const late = new Promise<never>((_resolve, rejectLate) => {
      reject = rejectLate;
    });
    const wait = waitFor(late, { signal: context });
    context.cancel('why');
    await expect(wait).rejects.toBe('why');
    reject(new Error('late'));
    await expect(waitFor(Promise.reject(new Error('no')), { signal: context })).rejects.toBe('why');
  });

  it('takes any thenable, also one that throws or never settles', async () => {
    const thenable = (then: unknown): PromiseLike<number> => ({ then }) as PromiseLike<number>;
    await expect(
      waitFor(
        thenable((resolve: (value: number) => void) => {
          resolve(7);
        }),
      ),
    ).resolves.toBe(7);
    await expect(
      waitFor(
        thenable(() => {
          throw new Error('then');
        }),
      ),
    ).rejects.toThrow('then');
    const context = withCancel();
    const wait = waitFor(
      thenable(() => undefined),
      { signal: context },
    );
    context.cancel('why');
    await expect(wait).rejects.toBe('why');
  });

  it('refuses what is no signal', async () => {
    await expect(waitFor(never, { signal: null as never })).rejects.toThrow(TypeError);
  });
});
