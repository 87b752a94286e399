import type { Socket } from 'node:net';

interface Waiting {
  readonly callbacks: Set<() => void>;
  readonly onClose: () => void;
}

const waitingOn = new WeakMap<Socket, Waiting>();

/** Calls `fn` when the socket closes. One listener for all of a socket: any number of requests may wait in a pipeline, and a socket warns of the eleventh. */
export function onSocketClose(socket: Socket, fn: () => void): void {
  let waiting = waitingOn.get(socket);
  if (waiting === undefined) {
    const callbacks = new Set<() => void>();
    const onClose = (): void => {
      for (const callback of callbacks) callback();
    };
    waitingOn.set(socket, (waiting = { callbacks, onClose }));
    socket.on('close', onClose);
  }
  waiting.callbacks.add(fn);
}

/** With the last one, the listener goes. Does nothing for one that does not wait. */
export function offSocketClose(socket: Socket, fn: () => void): void {
  const waiting = waitingOn.get(socket);
  if (waiting?.callbacks.delete(fn) !== true || waiting.callbacks.size > 0) return;
  socket.removeListener('close', waiting.onClose);
  waitingOn.delete(socket);
}
