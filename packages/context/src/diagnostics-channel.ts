/** The part of a channel of `node:diagnostics_channel` that publishers need. */
export interface DiagnosticsChannel<Message> {
  readonly hasSubscribers: boolean;
  publish(message: Message): void;
}

/** The channel of that name; where there is no `node:diagnostics_channel`, one that never has subscribers. Ask `hasSubscribers` before building a message. */
export function diagnosticsChannel<Message>(name: string): DiagnosticsChannel<Message> {
  // Not imported: the packages load on runtimes that have no such module.
  const node = (globalThis as { readonly process?: Partial<NodeJS.Process> }).process;
  return node?.getBuiltinModule?.('node:diagnostics_channel').channel(name) ?? silence;
}

const silence: DiagnosticsChannel<unknown> = {
  hasSubscribers: false,
  publish: () => undefined,
};
