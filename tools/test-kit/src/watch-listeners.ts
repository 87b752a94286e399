import { ledger } from './ledger.ts';

type Add = EventTarget['addEventListener'];
type Remove = EventTarget['removeEventListener'];

/** Enters every listener for `abort` on any `AbortSignal` in the ledger. @returns what puts the prototype back */
export function watchAbortListeners(): () => void {
  // Asking a signal for its listeners costs a copy of them: with 100 000 on one signal, each has to know by itself whether it is still there.
  const attached = new WeakMap<
    AbortSignal,
    { ref: WeakRef<AbortSignal>; listeners: Map<unknown, { isRemoved: boolean }> }
  >();

  const add = function (this: AbortSignal, ...args: Parameters<Add>): void {
    const [type, listener, options] = args;
    EventTarget.prototype.addEventListener.apply(this, args);
    if (type !== 'abort') return;
    let ofSignal = attached.get(this);
    if (ofSignal === undefined) attached.set(this, (ofSignal = { ref: new WeakRef(this), listeners: new Map() }));
    const { ref, listeners } = ofSignal;
    if (listeners.has(listener)) return;
    const state = { isRemoved: false };
    listeners.set(listener, state);

    const isOnce = typeof options === 'object' && options.once === true;
    const isAlive = (): boolean => {
      if (state.isRemoved) return false;
      const target = ref.deref();
      return target !== undefined && !(isOnce && target.aborted);
    };
    ledger.add({ what: `listener for 'abort' on an AbortSignal`, isAlive }, add);
  };

  const remove = function (this: AbortSignal, ...args: Parameters<Remove>): void {
    const [type, listener] = args;
    EventTarget.prototype.removeEventListener.apply(this, args);
    const state = type === 'abort' ? attached.get(this)?.listeners.get(listener) : undefined;
    if (state === undefined) return;
    state.isRemoved = true;
    attached.get(this)?.listeners.delete(listener);
  };

  // Own methods in front of those of EventTarget. The class is the same for all test files of a process: they have to be taken off again.
  const methods = { addEventListener: add, removeEventListener: remove };
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(AbortSignal.prototype, name, { value, configurable: true, writable: true });
  }
  return () => {
    for (const name of Object.keys(methods)) Reflect.deleteProperty(AbortSignal.prototype, name);
  };
}

/** Enters every listener that is added to `emitter` in the ledger. @returns what stops it */
export function watchEmitter(emitter: NodeJS.EventEmitter, name: string): () => void {
  const watched = (event: string | symbol, listener: () => void): void => {
    const isAlive = (): boolean => emitter.listeners(event).includes(listener);
    ledger.add({ what: `listener for '${String(event)}' on ${name}`, isAlive }, watched);
  };
  emitter.on('newListener', watched);
  return () => {
    emitter.off('newListener', watched);
  };
}
