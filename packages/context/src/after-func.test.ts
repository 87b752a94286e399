import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterFunc } from './after-func.ts';
import { background } from './background.ts';
import { withCancel } from './cancel-context.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('afterFunc', () => {
  it('runs once after the end, in a microtask of its own', async () => {
    const context = withCancel();
    const fn = jest.fn();
    afterFunc(context, fn);
    await turn();
    expect(fn).not.toHaveBeenCalled();
    context.cancel();
    expect(fn).not.toHaveBeenCalled();
    await Promise.resolve();
    expect(fn).toHaveBeenCalledTimes(1);
    context.cancel();
    await turn();
    expect(fn).toHaveBeenCalledTimes(1);
    expect(fn).toHaveBeenCalledWith();
  });

  it('runs where the context is done already, but not synchronously', async () => {
    const context = withCancel();
    context.cancel();
    const fn = jest.fn();
    const stop = afterFunc(context, fn);
    expect(fn).not.toHaveBeenCalled();
    expect(stop()).toBe(false);
    await turn();
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('is stopped, once, by what it returns', async () => {
    const context = withCancel();
    const fn = jest.fn();
    const stop = afterFunc(context, fn);
    expect([stop(), stop()]).toEqual([true, false]);
    context.cancel();
    await turn();
    expect(fn).not.toHaveBeenCalled();
    expect(stop()).toBe(false);
  });

  it('is not waited for by stop', async () => {
    const context = withCancel();
    const order: string[] = [];
    let finish: () => void = () => undefined;
    const work = async (): Promise<void> => {
      order.push('began');
      await new Promise<void>((resolve) => (finish = resolve));
      order.push('ended');
    };
    const stop = afterFunc(context, () => void work());
    context.cancel();
    await Promise.resolve();
    order.push(`stopped: ${stop()}`);
    finish();
    await new Promise((resolve) => setImmediate(resolve));
    expect(order).toEqual(['began', 'stopped: false', 'ended']);
  });

  it('is stopped also while the end is told, by who hears of it before', async () => {
    const context = withCancel();
    const fn = jest.fn();
    const stop = afterFunc(context, fn);
    const stopped: boolean[] = [];
    context.signal.addEventListener('abort', () => stopped.push(stop()));
    context.cancel();
    await turn();
    expect(stopped).toEqual([true]);
    expect(fn).not.toHaveBeenCalled();
  });

  it('cannot be stopped once it is scheduled', () => {
    const context = withCancel();
    const stop = afterFunc(context, () => undefined);
    context.cancel();
    expect(stop()).toBe(false);
  });

  it('never runs on a context that never ends', () => {
    const stop = afterFunc(background(), () => undefined);
    expect([stop(), stop()]).toEqual([true, false]);
  });

  it('takes a signal, and registrations are independent', async () => {
    const controller = new AbortController();
    const fn = jest.fn();
    const stop = afterFunc(controller.signal, fn);
    afterFunc(controller.signal, fn);
    stop();
    controller.abort();
    await turn();
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('publishes what it throws, or rejects with, and lets the others run', async () => {
    const messages: unknown[] = [];
    const record = (message: unknown): void => void messages.push(message);
    subscribe('patterns:context:listener-error', record);
    const context = withCancel();
    const fn = jest.fn();
    afterFunc(context, () => {
      throw new Error('thrown');
    });
    const rejecting: () => unknown = async () => Promise.reject(new Error('rejected'));
    afterFunc(context, rejecting);
    afterFunc(context, fn);
    context.cancel();
    await turn();
    unsubscribe('patterns:context:listener-error', record);
    expect(fn).toHaveBeenCalledTimes(1);
    expect(messages).toMatchObject([
      { name: undefined, listener: 'afterFunc', error: { message: 'thrown' } },
      { name: undefined, listener: 'afterFunc', error: { message: 'rejected' } },
    ]);
  });

  it('runs in the AsyncLocalStorage context of whoever registered it', async () => {
    const store = new AsyncLocalStorage<string>();
    const context = withCancel();
    const seen: unknown[] = [];
    store.run('registrant', () => {
      afterFunc(context, () => seen.push(store.getStore()));
    });
    store.run('canceler', () => {
      context.cancel();
    });
    await turn();
    expect(seen).toEqual(['registrant']);
  });

  it('refuses what is neither context nor function', () => {
    expect(() => afterFunc(undefined as never, () => undefined)).toThrow(TypeError);
    expect(() => afterFunc(withCancel(), 5 as never)).toThrow(new TypeError('fn must be a function, got 5'));
  });
});
