import { getEventListeners } from 'node:events';
import { ledger } from './ledger.ts';

/** Enters every listener for `abort` on any `AbortSignal` in the ledger. @returns what puts the prototype back */
export function watchAbortListeners(): () => void {
  // An own method in front of that of EventTarget. The class is the same for all test files of a process: it has to be taken off again.
  const watched = function (this: AbortSignal, ...args: Parameters<EventTarget['addEventListener']>): void {
    EventTarget.prototype.addEventListener.apply(this, args);
    const [type, listener] = args;
    if (type !== 'abort') return;
    const signal = new WeakRef(this);
    const isAlive = (): boolean => {
      const target = signal.deref();
      return target !== undefined && getEventListeners(target, 'abort').includes(listener as () => void);
    };
    ledger.add({ what: `listener for 'abort' on an AbortSignal`, isAlive }, watched);
  };
  Object.defineProperty(AbortSignal.prototype, 'addEventListener', {
    value: watched,
    configurable: true,
    writable: true,
  });
  return () => {
    Reflect.deleteProperty(AbortSignal.prototype, 'addEventListener');
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
