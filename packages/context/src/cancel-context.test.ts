import { inspect } from 'node:util';
import { warningsOf } from '@patterns-tools/test-kit';
import { background, todo } from './background.ts';
import { withCancel } from './cancel-context.ts';
import { CanceledError } from './canceled-error.ts';
import { CancellationListener } from './cancellation-listener.ts';
import type { CancelableContext, Context } from './context.ts';
import { withTimeout } from './deadline-context.ts';
import { merge } from './merge.ts';

const reason = new Error('why');

describe('background and todo', () => {
  it('are never done and have neither deadline nor cause', () => {
    for (const context of [background(), todo()]) {
      expect(context.done).toBe(false);
      expect(context.err).toBeUndefined();
      expect(context.cause).toBeUndefined();
      expect(context.deadline).toBeUndefined();
      expect(context.remaining()).toBe(Infinity);
      expect(context.signal.aborted).toBe(false);
      expect(() => {
        context.throwIfDone();
      }).not.toThrow();
    }
  });

  it('are two objects, each the same at every call', () => {
    expect(background()).toBe(background());
    expect(todo()).toBe(todo());
    expect(todo()).not.toBe(background());
    expect(background().signal).toBe(background().signal);
  });

  it('say what they are', () => {
    expect(String(background())).toBe('context.Background');
    expect(inspect(todo())).toBe('context.TODO');
  });
});

describe('the signal of a context', () => {
  it.each<[string, () => Context]>([
    ['background', background],
    ['withCancel', withCancel],
    ['withTimeout', () => withTimeout(undefined, 60_000)],
    ['merge', () => merge(withCancel(), withCancel())],
  ])('takes any number of listeners without a warning: %s', async (_, make) => {
    const context = make();
    const warnings = await warningsOf(() => {
      const listener = (): void => undefined;
      const listeners = Array.from({ length: 1_000 }, () => listener.bind(undefined));
      for (const one of listeners) context.signal.addEventListener('abort', one);
      for (const one of listeners) context.signal.removeEventListener('abort', one);
    });
    expect(warnings).toEqual([]);
    if ('cancel' in context) (context as CancelableContext).cancel();
  });
});

describe('cancel', () => {
  it('ends the context before it returns', () => {
    const context = withCancel();
    const { signal } = context;
    context.cancel();
    expect(context.done).toBe(true);
    expect(signal.aborted).toBe(true);
  });

  it('gives a CanceledError as err and cause where no cause was given', () => {
    const context = withCancel();
    context.cancel();
    expect(context.err).toBeInstanceOf(CanceledError);
    expect(context.err).toMatchObject({ name: 'AbortError', code: 'ERR_CANCELED', message: 'context canceled' });
    expect(context.cause).toBe(context.err);
    expect(context.err && 'cause' in context.err).toBe(false);
  });

  it('gives a cause bare as cause, and inside err', () => {
    const context = withCancel();
    context.cancel(reason);
    expect(context.cause).toBe(reason);
    expect(context.err).toBeInstanceOf(CanceledError);
    expect(context.err?.cause).toBe(reason);
  });

  it.each([null, 0, false, ''])('takes %p for a cause', (cause) => {
    const context = withCancel();
    context.cancel(cause);
    expect(context.cause).toBe(cause);
    expect(context.signal.reason).toBe(cause);
    expect(context.err?.cause).toBe(cause);
  });

  it('keeps the first cause', () => {
    const context = withCancel();
    context.cancel(reason);
    context.cancel(new Error('later'));
    expect(context.cause).toBe(reason);
  });

  it('keeps having been cancelled without a cause', () => {
    const context = withCancel();
    context.cancel();
    context.cancel(reason);
    expect(context.cause).toBe(context.err);
  });

  it('gives the same err at every read', () => {
    const context = withCancel();
    context.cancel();
    expect(context.err).toBe(context.err);
  });

  it('is bound, and the same function at every read', () => {
    const context = withCancel();
    const { cancel } = context;
    expect(context.cancel).toBe(cancel);
    cancel(reason);
    expect(context.cause).toBe(reason);
  });

  it('is what disposing does', () => {
    let kept: Context;
    {
      using context = withCancel();
      kept = context;
      expect(kept.done).toBe(false);
    }
    expect(kept.cause).toBeInstanceOf(CanceledError);
  });

  it('makes throwIfDone throw the cause, whatever that is', () => {
    const context = withCancel();
    context.throwIfDone();
    context.cancel('stopped');
    let thrown: unknown;
    try {
      context.throwIfDone();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBe('stopped');
  });

  it('makes errors without a stack', () => {
    const context = withCancel();
    context.cancel();
    expect(context.err?.stack).not.toContain('    at ');
  });
});

describe('the tree', () => {
  it('ends children with the err and the cause of the parent', () => {
    const parent = withCancel();
    const child = withCancel(parent);
    const grandchild = withCancel(child);
    parent.cancel(reason);
    expect(grandchild.cause).toBe(reason);
    expect(grandchild.err).toBe(parent.err);
    expect(child.err).toBe(parent.err);
  });

  it('does not end the parent or a sibling with a child', () => {
    const parent = withCancel();
    const [one, other] = [withCancel(parent), withCancel(parent)];
    one.cancel(reason);
    expect(parent.done).toBe(false);
    expect(other.done).toBe(false);
  });

  it('leaves a child its own cause when the parent ends later', () => {
    const parent = withCancel();
    const child = withCancel(parent);
    child.cancel(reason);
    parent.cancel(new Error('later'));
    expect(child.cause).toBe(reason);
  });

  it('gives a child that is done already to a parent that is done', () => {
    const parent = withCancel();
    parent.cancel(reason);
    const child = withCancel(parent);
    expect(child.done).toBe(true);
    expect(child.err).toBe(parent.err);
    expect(child.signal.aborted).toBe(true);
    expect(child.signal.reason).toBe(reason);
    child.cancel(new Error('later'));
    expect(child.cause).toBe(reason);
  });

  it('has ended everywhere before anybody is told', () => {
    const parent = withCancel();
    const children = [withCancel(parent), withCancel(parent)];
    const seen: boolean[] = [];
    for (const context of [parent, ...children]) {
      context.signal.addEventListener('abort', () => {
        seen.push(...[parent, ...children].map(({ done }) => done));
      });
    }
    parent.cancel();
    expect(seen).toEqual(Array(9).fill(true));
  });

  it('tells from the root down, in the order of listening', () => {
    const order: string[] = [];
    const note = (context: Context, name: string): void => {
      context.signal.addEventListener('abort', () => order.push(name));
    };
    const root = withCancel();
    const first = withCancel(root);
    const second = withCancel(root);
    const below = withCancel(first);
    note(below, 'below first');
    note(second, 'second');
    note(first, 'first');
    note(root, 'root');
    root.cancel();
    expect(order).toEqual(['root', 'first', 'below first', 'second']);
  });

  it.each([
    ['wide', (root: CancelableContext) => Array.from({ length: 100_000 }, () => withCancel(root))],
    [
      'deep',
      (root: CancelableContext) => {
        const chain: CancelableContext[] = [root];
        for (let depth = 0; depth < 100_000; depth++) chain.push(withCancel(chain.at(-1)));
        return chain;
      },
    ],
  ])('may be 100 000 contexts %s', (_shape, grow) => {
    const root = withCancel();
    const contexts = grow(root);
    const { signal } = contexts.at(-1) as Context;
    root.cancel(reason);
    expect(contexts.every(({ cause }) => cause === reason)).toBe(true);
    expect(signal.reason).toBe(reason);
    expect(String(contexts.at(-1))).toMatch(/^context\.Background(\.withCancel)+$/);
  });

  it('refuses a parent that is neither context nor signal, at once', () => {
    for (const parent of [null, 5, 'x', {}, new EventTarget(), { signal: new AbortController().signal }]) {
      expect(() => withCancel(parent as never)).toThrow(TypeError);
    }
    expect(() => withCancel(null as never)).toThrow('parent must be an AbortSignal or a Context, got null');
  });
});

describe('signal', () => {
  it('is made on the first read, then stays the same', () => {
    const context = withCancel();
    expect(context.signal).toBeInstanceOf(AbortSignal);
    expect(context.signal).toBe(context.signal);
  });

  it('has the cause of the context as its reason, exactly', () => {
    for (const cause of [undefined, reason, 'text']) {
      const early = withCancel();
      const { signal } = early;
      early.cancel(cause);
      expect(signal.reason).toBe(early.cause);
      const late = withCancel();
      late.cancel(cause);
      expect(late.signal.reason).toBe(late.cause);
    }
  });
});

class Recorder extends CancellationListener {
  readonly onEnd: () => void;
  constructor(onEnd: () => void) {
    super();
    this.onEnd = onEnd;
  }
  onCanceled(): void {
    this.onEnd();
  }
}

describe('callbacks inside cancel', () => {
  const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  afterEach(() => {
    warnings.mockClear();
  });

  it('that throw do not keep siblings from hearing, and are reported', () => {
    const parent = withCancel();
    const heard: number[] = [];
    for (const position of [0, 1, 2]) {
      new Recorder(() => {
        heard.push(position);
        if (position === 1) throw reason;
      }).listenTo(parent);
    }
    const child = withCancel(parent);
    parent.cancel();
    expect(heard).toEqual([0, 1, 2]);
    expect(child.done).toBe(true);
    expect(warnings).toHaveBeenCalledTimes(1);
  });

  it('may stop others that have not been told yet', () => {
    const parent = withCancel();
    const heard: string[] = [];
    const second = new Recorder(() => heard.push('second'));
    const third = new Recorder(() => heard.push('third'));
    new Recorder(() => {
      heard.push('first');
      second.stopListening();
    }).listenTo(parent);
    second.listenTo(parent);
    third.listenTo(parent);
    parent.cancel();
    expect(heard).toEqual(['first', 'third']);
  });

  it('find all below told when they have cancelled what has ended with its tree, each once and in order', () => {
    const root = withCancel();
    const [first, second, third] = [withCancel(root), withCancel(root), withCancel(root)];
    const below = withCancel(second);
    const contexts = { third, 'below second': withCancel(below), below, second, first };
    const told: string[] = [];
    root.signal.addEventListener('abort', () => {
      second.cancel();
      told.push('then the rest');
    });
    for (const [name, context] of Object.entries(contexts)) {
      context.signal.addEventListener('abort', () => told.push(name));
    }
    new Recorder(() => told.push('listener of below')).listenTo(below);
    root.cancel();
    expect(told).toEqual(['second', 'below', 'below second', 'listener of below', 'then the rest', 'first', 'third']);
  });

  it('find what is merged told as well, wherever it hears of the end', () => {
    const [root, other] = [withCancel(), withCancel()];
    const [first, second] = [withCancel(root), withCancel(root)];
    const merged = [merge(first, second), merge(other, first), merge(first, other)];
    const signals = [...merged, ...merged.map(withCancel)].map(({ signal }) => signal);
    const told: boolean[][] = [];
    root.signal.addEventListener('abort', () => {
      for (const context of [second, other]) {
        context.cancel();
        told.push(signals.map(({ aborted }) => aborted));
      }
    });
    root.cancel();
    expect(told).toEqual([
      [true, false, false, true, false, false],
      [true, true, true, true, true, true],
    ]);
  });

  it.each([
    ['itself', (context: CancelableContext) => context],
    ['what all are below', (_: CancelableContext, root: CancelableContext) => root],
  ])('may be 100 000 that cancel %s', (_what, choose) => {
    const root = withCancel();
    let told = 0;
    for (let n = 0; n < 100_000; n++) {
      const context = withCancel(root);
      withCancel(context);
      new Recorder(() => {
        told++;
        choose(context, root).cancel();
      }).listenTo(context);
    }
    root.cancel();
    expect(told).toBe(100_000);
  });

  it('may cancel the same tree again, another tree, and derive', () => {
    const parent = withCancel();
    const other = withCancel();
    const child = withCancel(parent);
    let derived: Context | undefined;
    const heard: string[] = [];
    new Recorder(() => {
      parent.cancel(new Error('again'));
      child.cancel(new Error('again'));
      other.cancel('other');
      derived = withCancel(child);
      new Recorder(() => heard.push('late')).listenTo(parent);
      heard.push('after');
    }).listenTo(parent);
    new Recorder(() => heard.push('sibling')).listenTo(child);
    parent.cancel(reason);
    expect(child.cause).toBe(reason);
    expect(derived?.cause).toBe(reason);
    expect(other.cause).toBe('other');
    // Told in the order of listening, the child before what came after it.
    expect(heard).toEqual(['sibling', 'late', 'after']);
  });

  it.each<[string, (context: CancelableContext) => void]>([
    [
      'ask for the signal of',
      ({ signal }) => {
        expect(signal.aborted).toBe(true);
      },
    ],
    [
      'cancel',
      ({ cancel }) => {
        cancel(new Error('again'));
      },
    ],
    [
      'dispose of',
      (context) => {
        context[Symbol.dispose]();
      },
    ],
  ])(
    'that %s what has ended and has not been told yet find its signal aborted, and nobody is told twice',
    (_what, ask) => {
      const parent = withCancel();
      const children = [withCancel(parent), withTimeout(parent, 60_000), merge(new AbortController().signal, parent)];
      const told: unknown[] = [];
      const seen: unknown[] = [];
      // The first that is told.
      parent.signal.addEventListener('abort', () => {
        for (const child of children) {
          expect(child.done).toBe(true);
          ask(child);
          seen.push(told.at(-1));
        }
      });
      children.forEach(({ signal }, position) => {
        signal.addEventListener('abort', () => told.push([position, signal.reason]));
      });
      parent.cancel(reason);
      expect(told).toEqual([0, 1, 2].map((position) => [position, reason]));
      expect(seen).toEqual(told);
    },
  );

  it('are called once, at once where it has ended already, and never after having stopped', () => {
    const parent = withCancel();
    let calls = 0;
    const listener = new Recorder(() => calls++);
    listener.listenTo(parent);
    listener.stopListening();
    listener.stopListening();
    parent.cancel();
    expect(calls).toBe(0);
    listener.listenTo(parent);
    expect(calls).toBe(1);
    listener.listenTo(background());
    listener.stopListening();
    expect(calls).toBe(1);
  });

  it('listen to one thing at a time', () => {
    const [one, other] = [withCancel(), withCancel()];
    let calls = 0;
    const listener = new Recorder(() => calls++);
    listener.listenTo(one);
    listener.listenTo(other);
    one.cancel();
    expect(calls).toBe(0);
    other.cancel();
    expect(calls).toBe(1);
  });
});

describe('as text', () => {
  it('names the chain, root first', () => {
    const context = withCancel(withCancel(todo()));
    expect(String(context)).toBe('context.TODO.withCancel.withCancel');
    expect(inspect({ context })).toBe('{ context: context.TODO.withCancel.withCancel }');
  });

  it('is what becomes of it in JSON, as the links of the tree are no data', () => {
    expect(JSON.stringify({ context: withCancel() })).toBe('{"context":"context.Background.withCancel"}');
  });
});
