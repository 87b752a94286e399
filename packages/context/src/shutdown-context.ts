import { constants } from 'node:os';
import { callListener } from './call-listener.ts';
import { CancelContext } from './cancel-context.ts';
import { checkFunction, checkMs, checkText, checkType } from './check-option.ts';
import { clearTimer } from './clear-timer.ts';
import type { CancelableContext, Cancellation } from './context.ts';
import type { ContextDiagnostics } from './diagnostics.ts';
import { diagnosticsChannel } from './diagnostics-channel.ts';
import { Ending } from './ending.ts';
import { ShutdownError } from './shutdown-error.ts';
import { systemClock } from './system-clock.ts';
import { toParent } from './to-context.ts';

export interface ShutdownOptions {
  /** @defaultValue `'shutdown'` */
  readonly name?: string | undefined;
  readonly parent?: Cancellation | undefined;
  /** @defaultValue `['SIGINT', 'SIGTERM']` */
  readonly signals?: readonly NodeJS.Signals[] | undefined;
  /** Time from the first signal after which it is as if a second came. @defaultValue Infinity */
  readonly graceMs?: number | undefined;
  /** Second signal, or grace over. @defaultValue exit with 128 + the signal's number */
  readonly onSecondSignal?: ((signal: NodeJS.Signals) => void) | undefined;
}

/**
 * Cancelled by the first of the signals, with a {@link ShutdownError} as cause; the handlers stay for the second, also where the parent ends before the first. They do not hold the process open.
 * `cancel()` and dispose end it, remove the handlers and the grace timer and so restore Node's default behaviour. So does the second signal, just before `onSecondSignal` is called: a third one is Node's own.
 *
 * It exits, and does not send itself the signal again, as that does nothing in a process with id 1. Of use in the main thread only: workers get no signals.
 *
 * @throws {TypeError} for the name of a signal that there is not or that cannot be handled, for a parent that is none, and for other options of a wrong type
 * @throws {RangeError} for a negative `graceMs` or NaN
 *
 * @example
 * ```ts
 * using shutdown = shutdownContext({ graceMs: 10_000 });
 * await serve({ signal: shutdown }); // drains when it ends
 * ```
 */
export function shutdownContext(options?: ShutdownOptions): CancelableContext {
  return new ShutdownContext(options ?? {});
}

const shutdownChannel =
  diagnosticsChannel<ContextDiagnostics['patterns:context:shutdown']>('patterns:context:shutdown');

class ShutdownContext extends CancelContext {
  readonly #name: string;
  readonly #signals: ReadonlySet<NodeJS.Signals>;
  readonly #graceMs: number;
  readonly #onSecondSignal: (signal: NodeJS.Signals) => void;
  /** Undefined once nothing is to come: the handlers are gone. */
  #handler: ((signal: NodeJS.Signals) => void) | undefined;
  #firstSignal: NodeJS.Signals | undefined;
  #graceTimer: Disposable | undefined;

  constructor({
    name = 'shutdown',
    parent,
    signals = ['SIGINT', 'SIGTERM'],
    graceMs = Infinity,
    onSecondSignal = exit,
  }: ShutdownOptions) {
    const from = toParent(parent);
    super(from);
    checkText('name', name);
    checkType('signals', signals, Array.isArray(signals), 'an array of names of signals');
    for (const signal of signals)
      checkType('signals', signal, isHandleable(signal), 'names of signals that can be handled');
    checkMs('graceMs', graceMs);
    checkFunction('onSecondSignal', onSecondSignal);
    this.#name = name;
    // A signal that is given twice must not come twice.
    this.#signals = new Set(signals);
    this.#graceMs = graceMs;
    this.#onSecondSignal = onSecondSignal;

    this.follow(from.source);
    this.#handler = (signal) => {
      this.#receive(signal);
    };
    for (const signal of this.#signals) process.on(signal, this.#handler);
  }

  /** By the user: an end that a signal or the parent brings keeps the handlers. */
  override endWith(cause: unknown): void {
    this.#stop();
    super.endWith(cause);
  }

  override describe(): string {
    return `shutdownContext(${this.#name})`;
  }

  #receive(signal: NodeJS.Signals): void {
    if (this.#firstSignal === undefined) this.#begin(signal);
    else this.#force(signal);
  }

  #begin(signal: NodeJS.Signals): void {
    this.#firstSignal = signal;
    if (this.#graceMs < Infinity) {
      const clock = this.time?.clock ?? systemClock;
      // Before anyone is told, as whoever is told may cancel.
      this.#graceTimer = clock.setTimeout(
        () => {
          this.#force(signal);
        },
        this.#graceMs,
        { ref: false },
      );
    }
    if (this.ending === undefined) this.finish(new Ending(new ShutdownError(signal)));
    this.#publish(signal, false);
  }

  #force(signal: NodeJS.Signals): void {
    this.#stop();
    this.#publish(signal, true);
    callListener('context', this.#name, 'onSecondSignal', this.#onSecondSignal, signal);
  }

  #stop(): void {
    if (this.#handler === undefined) return;
    for (const signal of this.#signals) process.removeListener(signal, this.#handler);
    this.#handler = undefined;
    if (this.#graceTimer !== undefined) clearTimer(this.#graceTimer);
    this.#graceTimer = undefined;
  }

  #publish(signal: NodeJS.Signals, second: boolean): void {
    if (shutdownChannel.hasSubscribers) shutdownChannel.publish({ name: this.#name, signal, second });
  }
}

/** As a shell reports the end of a command by that signal. */
function exit(signal: NodeJS.Signals): void {
  process.exit(128 + constants.signals[signal]);
}

function isHandleable(signal: unknown): boolean {
  return (
    typeof signal === 'string' &&
    Object.hasOwn(constants.signals, signal) &&
    signal !== 'SIGKILL' &&
    signal !== 'SIGSTOP'
  );
}
