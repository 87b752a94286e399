import { subscribe, unsubscribe } from 'node:diagnostics_channel';

/** One message, told apart by the channel it came on. */
export type DiagnosticsRecord<Messages> = {
  [Name in keyof Messages & string]: { readonly name: Name; readonly message: Messages[Name] };
}[keyof Messages & string];

export interface DiagnosticsRecorder<Messages> extends Disposable, AsyncDisposable {
  /** What was published so far, in the order of publishing over all channels. */
  readonly records: readonly DiagnosticsRecord<Messages>[];
  /** The names alone: the list that a test compares. */
  readonly names: readonly (keyof Messages & string)[];
  /** Forgets what was published so far. */
  clear(): void;
  /** Unsubscribes; what was recorded stays readable. */
  stop(): void;
}

/**
 * Subscribes to diagnostics channels until disposed. With the map of messages that each package exports, names and messages are typed:
 * `recordDiagnostics<RetryDiagnostics>(['patterns:retry:give-up'])`.
 */
export function recordDiagnostics<Messages = Record<string, unknown>>(
  channels: readonly (keyof Messages & string)[],
): DiagnosticsRecorder<Messages> {
  const records: DiagnosticsRecord<Messages>[] = [];
  const record = (message: unknown, name: string | symbol): void => {
    records.push({ name, message } as DiagnosticsRecord<Messages>);
  };
  const stop = (): void => {
    for (const channel of channels) unsubscribe(channel, record);
  };
  for (const channel of channels) subscribe(channel, record);
  return {
    records,
    get names() {
      return records.map(({ name }) => name);
    },
    clear: () => {
      records.length = 0;
    },
    stop,
    [Symbol.dispose]: stop,
    [Symbol.asyncDispose]: () => {
      stop();
      return Promise.resolve();
    },
  };
}
