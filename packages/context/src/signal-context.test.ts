import { getEventListeners } from 'node:events';
import { warningsOf } from '@patterns-tools/test-kit';
import { afterFunc } from './after-func.ts';
import { background } from './background.ts';
import { withCancel } from './cancel-context.ts';
import { CanceledError } from './canceled-error.ts';
import { withTimeout } from './deadline-context.ts';
import { DeadlineExceededError } from './deadline-exceeded-error.ts';
import { isContext, fromSignal, toContext } from './to-context.ts';
import { createKey } from './context-key.ts';
import { withValue } from './value-context.ts';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('fromSignal', () => {
  it('gives the same view of the same signal, whose signal it is', () => {
    const { signal } = new AbortController();
    expect(fromSignal(signal)).toBe(fromSignal(signal));
    expect(fromSignal(signal).signal).toBe(signal);
    expect(String(fromSignal(signal))).toBe('context.fromSignal');
  });

  it('is done as soon as the signal has aborted, with the reason as cause, exactly', () => {
    const controller = new AbortController();
    const view = fromSignal(controller.signal);
    expect([view.done, view.err, view.cause]).toEqual([false, undefined, undefined]);
    const reason = { odd: true };
    controller.abort(reason);
    expect(view.done).toBe(true);
    expect(view.cause).toBe(reason);
    expect(view.err).toBeInstanceOf(CanceledError);
    expect(view.err?.cause).toBe(reason);
  });

  it('counts a TimeoutError as a deadline, everything else as cancelled', () => {
    const ended = (reason: unknown): unknown => fromSignal(AbortSignal.abort(reason)).err;
    expect(ended(new DOMException('late', 'TimeoutError'))).toBeInstanceOf(DeadlineExceededError);
    expect(ended(undefined)).toBeInstanceOf(CanceledError);
    expect(ended(null)).toBeInstanceOf(CanceledError);
    expect(ended('TimeoutError')).toBeInstanceOf(CanceledError);
  });

  it('ends what listens though the reason tells nothing of itself', () => {
    const controller = new AbortController();
    const child = withCancel(controller.signal);
    const reason = {
      get name(): string {
        throw new Error('no name');
      },
    };
    controller.abort(reason);
    expect([child.done, child.cause]).toEqual([true, reason]);
    expect(child.err).toBeInstanceOf(CanceledError);
  });

  it('does not wrap an error of ours in another one of the same kind', () => {
    const context = withTimeout(undefined, 0);
    const view = fromSignal(context.signal);
    expect(view.err).toBe(context.err);
    expect(view.cause).toBe(context.cause);
  });

  it('refuses what is no signal', () => {
    for (const value of [undefined, null, {}, new EventTarget(), background()]) {
      expect(() => fromSignal(value as never)).toThrow(TypeError);
    }
  });
});

describe('a signal as parent', () => {
  it('ends what is derived from it, with its reason', () => {
    const controller = new AbortController();
    const child = withCancel(withCancel(controller.signal));
    controller.abort('why');
    expect(child.cause).toBe('why');
    expect(child.signal.reason).toBe('why');
  });

  it('carries one listener however many children there are, and none after the last', async () => {
    const warnings = await warningsOf(() => {
      const { signal } = new AbortController();
      const children = Array.from({ length: 10_000 }, (_, index) =>
        index % 2 ? withCancel(signal) : withTimeout(signal, 60_000),
      );
      const stop = afterFunc(signal, () => undefined);
      expect(listeners(signal)).toBe(1);
      for (const child of children) child.cancel();
      expect(listeners(signal)).toBe(1);
      stop();
      expect(listeners(signal)).toBe(0);
    });
    expect(warnings).toEqual([]);
  });

  it('is left alone by values, which are no children', () => {
    const { signal } = new AbortController();
    const context = withValue(signal, createKey('x'), 1);
    expect(context.signal).toBe(signal);
    expect(listeners(signal)).toBe(0);
  });

  it('that has aborted already gives a child that is done, without a listener', () => {
    const signal = AbortSignal.abort('why');
    expect(withCancel(signal).cause).toBe('why');
    expect(listeners(signal)).toBe(0);
  });

  it('that has aborted is done for those who derive while it tells its listeners', () => {
    const controller = new AbortController();
    let cause: unknown;
    controller.signal.addEventListener('abort', () => {
      cause = withCancel(controller.signal).cause;
    });
    const child = withCancel(controller.signal);
    controller.abort('why');
    expect([cause, child.cause]).toEqual(['why', 'why']);
  });

  it('is not taken for aborted by an event that only has the name', () => {
    const controller = new AbortController();
    const child = withCancel(controller.signal);
    const below = withCancel(child);
    controller.signal.dispatchEvent(new Event('abort'));
    expect([child.done, listeners(controller.signal)]).toEqual([false, 1]);
    controller.abort('why');
    expect([child.cause, below.cause, listeners(controller.signal)]).toEqual(['why', 'why', 0]);
  });

  it('may get listeners again after it lost its last', () => {
    const controller = new AbortController();
    withCancel(controller.signal).cancel();
    const child = withCancel(controller.signal);
    expect(listeners(controller.signal)).toBe(1);
    controller.abort();
    expect(child.done).toBe(true);
  });
});

describe('toContext', () => {
  it('gives the context itself, the view of a signal, or the background', () => {
    const context = withCancel();
    const { signal } = new AbortController();
    expect(toContext(context)).toBe(context);
    expect(toContext(signal)).toBe(fromSignal(signal));
    expect(toContext(undefined)).toBe(background());
    for (const value of [null, 5, {}, 'x']) expect(() => toContext(value as never)).toThrow(TypeError);
  });
});

describe('isContext', () => {
  it('is a test of the shape that makes no signal', () => {
    const shape = {
      get signal(): AbortSignal {
        throw new Error('read');
      },
      deadline: undefined,
      done: false,
      err: undefined,
      cause: undefined,
      remaining: () => Infinity,
      value: () => undefined,
      throwIfDone: () => undefined,
    };
    for (const value of [shape, withCancel(), background(), fromSignal(new AbortController().signal)]) {
      expect(isContext(value)).toBe(true);
    }
    for (const value of [undefined, null, 5, {}, shape.remaining, new AbortController().signal, { done: false }]) {
      expect(isContext(value)).toBe(false);
    }
  });
});
