/** The part of a channel of `node:diagnostics_channel` that publishers need. */
export interface DiagnosticsChannel<Message> {
  readonly hasSubscribers: boolean;
  publish(message: Message): void;
}

/** Where channels are held: what the test files of a worker share in Jest is neither a module of ours nor `globalThis`, but the modules of Node.js. */
const heldKey: unique symbol = Symbol.for('@patterns/context.channels') as never;

/** The channel of that name; where there is no `node:diagnostics_channel`, one that never has subscribers. Ask `hasSubscribers` before building a message. */
export function diagnosticsChannel<Message>(name: string): DiagnosticsChannel<Message> {
  // Not imported: the packages load on runtimes that have no such module.
  const node = (globalThis as { readonly process?: Partial<NodeJS.Process> }).process;
  const diagnostics = node?.getBuiltinModule?.('node:diagnostics_channel');
  if (diagnostics === undefined) return silence;
  const channel = diagnostics.channel(name);
  hold(diagnostics, channel);
  return channel;
}

/**
 * For ever: Node.js 20 holds channels without subscribers weakly, and when one has been collected it takes the next of that name, whoever has subscribed to it by then,
 * for the one that is gone. Whoever publishes and whoever subscribes would have two channels of one name.
 *
 * @see https://github.com/nodejs/node/pull/59910
 */
function hold(diagnostics: object, channel: object): void {
  const held = (diagnostics as { [heldKey]?: Set<object> })[heldKey] ?? new Set();
  held.add(channel);
  // Does not throw, wherever that cannot be set.
  Reflect.set(diagnostics, heldKey, held);
}

const silence: DiagnosticsChannel<unknown> = {
  hasSubscribers: false,
  publish: () => undefined,
};
