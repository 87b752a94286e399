import { subscribe } from 'node:diagnostics_channel';
import { createServer, request } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import {
  afterFunc,
  background,
  CanceledError,
  createKey,
  DeadlineExceededError,
  fromSignal,
  isContext,
  merge,
  sleep,
  systemClock,
  toContext,
  todo,
  waitFor,
  withCancel,
  withDeadline,
  withoutCancel,
  withTimeout,
  withValue,
  type CancelableContext,
  type Cancellation,
  type Clock,
  type Context,
  type ContextDiagnostics,
  type ContextKey,
  type DeadlineExceededErrorOptions,
  type DeadlineOptions,
  type ExecuteOptions,
  type ListenerErrorMessage,
  type Operation,
  type Policy,
  type SleepOptions,
  type TimerOptions,
  type WaitOptions,
} from '@patterns/context';
import { bind, current, run } from '@patterns/context/async';
import {
  ClientGoneError,
  extract,
  fromRequest,
  inject,
  type ExtractOptions,
  type HeaderSource,
  type HeaderTarget,
  type InjectOptions,
  type TimeoutHeader,
} from '@patterns/context/http';
import { shutdownContext, ShutdownError, type ShutdownOptions } from '@patterns/context/process';
import { VirtualClock, type VirtualClockOptions } from '@patterns/context/testing';
import type { PatternError } from '@patterns/errors';
import { expectTypeOf } from 'expect-type';

const tenant = createKey<string>('tenant');
const retries = createKey('retries', 3);
declare const controller: AbortController;
declare const user: Promise<{ readonly id: string } | undefined>;

// --- Keys and values ---

expectTypeOf(background().value(tenant)).toEqualTypeOf<string | undefined>();
expectTypeOf(todo().value(retries)).toEqualTypeOf<number>();
expectTypeOf(createKey('x', 'y')).toEqualTypeOf<ContextKey<string, string>>();
const names = (keys: readonly ContextKey<unknown>[]): string[] => keys.map((key) => key.name);
names([tenant, retries]);

const scoped = withValue(withValue(undefined, tenant, 'acme'), retries, 5);
expectTypeOf(scoped).toEqualTypeOf<Context>();
withValue(scoped, tenant, undefined);
// @ts-expect-error reading a key with a default never gives undefined
withValue(scoped, retries, undefined);
// @ts-expect-error the value must fit the key, not widen it
withValue(scoped, tenant, 5);
expectTypeOf(scoped).not.toHaveProperty('cancel');

// --- Deriving ---

expectTypeOf(withCancel).returns.toEqualTypeOf<CancelableContext>();
expectTypeOf(withCancel().cancel).toEqualTypeOf<(cause?: unknown) => void>();
expectTypeOf<CancelableContext>().toExtend<Disposable>();
expectTypeOf<CancelableContext>().toExtend<Context>();
expectTypeOf<Cancellation>().toEqualTypeOf<AbortSignal | Context>();
const clock = new VirtualClock({ now: 5 } satisfies VirtualClockOptions);
const deadlineOptions: DeadlineOptions = { name: undefined, cause: undefined, clock: undefined };
const derived: CancelableContext[] = [
  withCancel(controller.signal),
  withTimeout(undefined, 5_000, deadlineOptions),
  withTimeout(controller.signal, 5_000, { name: 'checkout', cause: new Error('late'), clock }),
  withDeadline(scoped, performance.now() + 5),
  withDeadline(scoped, new Date()),
  merge(scoped, controller.signal, withCancel()),
];
const plain: Context[] = [withoutCancel(scoped), fromSignal(controller.signal), toContext(undefined), ...derived];
// @ts-expect-error null is no context: leave it out or pass undefined
withCancel(null);
// @ts-expect-error there is nothing to drop from nothing
withoutCancel(undefined);
// @ts-expect-error a string is no duration
withTimeout(undefined, '5s');
// @ts-expect-error a misspelt option
withTimeout(undefined, 5, { nmae: 'x' });
// @ts-expect-error members are read-only
scoped.done = true;

// --- Ends ---

expectTypeOf(scoped.signal).toEqualTypeOf<AbortSignal>();
expectTypeOf(scoped.err).toEqualTypeOf<CanceledError | DeadlineExceededError | undefined>();
expectTypeOf(scoped.cause).toEqualTypeOf<unknown>();
expectTypeOf(scoped.deadline).toEqualTypeOf<number | undefined>();
if (scoped.err?.code === 'ERR_DEADLINE_EXCEEDED') {
  expectTypeOf(scoped.err).toEqualTypeOf<DeadlineExceededError>();
  expectTypeOf(scoped.err.deadlineName).toEqualTypeOf<string | undefined>();
  expectTypeOf(scoped.err.timeoutMs).toEqualTypeOf<number | undefined>();
  expectTypeOf(scoped.err.name).toEqualTypeOf<'TimeoutError'>();
} else if (scoped.err) expectTypeOf(scoped.err.name).toEqualTypeOf<'AbortError'>();
expectTypeOf<CanceledError>().toExtend<PatternError>();
new CanceledError('gone', { cause: 1, policy: 'db', retryAfterMs: 5 });
new DeadlineExceededError(undefined, { deadlineName: 'x', timeoutMs: 5 } satisfies DeadlineExceededErrorOptions);
// @ts-expect-error the code is fixed
new CanceledError('gone', { code: 'OTHER' });

// --- Waiting ---

expectTypeOf(afterFunc(scoped, () => undefined)).toEqualTypeOf<() => boolean>();
expectTypeOf(sleep(5)).toEqualTypeOf<Promise<void>>();
expectTypeOf(waitFor(user, { signal: scoped })).resolves.toEqualTypeOf<{ readonly id: string } | undefined>();
const either: Cancellation | undefined = Math.random() > 0.5 ? controller.signal : scoped;
void sleep(10, { signal: either, clock: undefined, ref: undefined } satisfies SleepOptions);
const mine = async (options?: WaitOptions): Promise<void> => waitFor(sleep(5), options);
void mine({ signal: either });
// @ts-expect-error a whole context is not an options object: its deadline would be lost
void sleep(10, background());
// @ts-expect-error and for what you write
void mine(background());
// @ts-expect-error nor is a signal
void sleep(10, controller.signal);

// --- Clocks ---

expectTypeOf(systemClock).toEqualTypeOf<Clock>();
expectTypeOf<VirtualClock>().toExtend<Clock>();
expectTypeOf(clock.advance(5)).toEqualTypeOf<Promise<void>>();
expectTypeOf(clock.pending).toEqualTypeOf<number>();
const slowed: Clock = {
  now: () => systemClock.now() / 2,
  setTimeout: (fn, ms, options?: TimerOptions) => systemClock.setTimeout(fn, ms * 2, options),
};
withTimeout(undefined, 5, { clock: slowed });
// @ts-expect-error what setTimeout returns clears the timer
const noDispose: Clock = { now: () => 0, setTimeout: () => undefined };

// --- The current context ---

expectTypeOf(run(scoped, () => current().value(retries))).toEqualTypeOf<number>();
expectTypeOf(bind((id: string, deep?: boolean) => id.length + Number(deep))).toEqualTypeOf<
  (this: unknown, id: string, deep?: boolean) => number
>();
expectTypeOf(
  bind(function (this: Date, ms: number) {
    return this.getTime() + ms;
  }),
).thisParameter.toEqualTypeOf<Date>();

// --- Over the wire ---

declare const plainHeaders: Record<string, string>;
expectTypeOf(inject(scoped, new Headers(), [tenant])).toEqualTypeOf<Headers>();
expectTypeOf(inject(scoped, plainHeaders, [tenant])).toEqualTypeOf<Record<string, string>>();
inject(scoped, new Map<string, string>(), [createKey('with a default', 'x')], {
  timeoutHeader: 'grpc-timeout',
  marginMs: 5,
} satisfies InjectOptions);
inject(scoped, {}, undefined, { timeoutHeader: undefined, marginMs: undefined });
expectTypeOf<'x-mine'>().toExtend<TimeoutHeader>();
// @ts-expect-error values over the wire are strings
inject(scoped, new Headers(), [retries]);
// @ts-expect-error a signal has no time left to tell
inject(controller.signal, new Headers());
// @ts-expect-error a list of pairs is no object that can be written to by name
inject(scoped, [['a', 'b']]);
// @ts-expect-error the keys come third
inject(scoped, new Headers(), { marginMs: 5 });
expectTypeOf(
  extract(new Headers(), { keys: [tenant], maxTimeoutMs: 5, parent: scoped }),
).toEqualTypeOf<CancelableContext>();
extract({ a: 'b', c: ['d'], e: undefined }, {
  timeoutHeader: undefined,
  keys: undefined,
  parent: undefined,
  maxTimeoutMs: undefined,
} satisfies ExtractOptions);
// @ts-expect-error null is no parent
extract({}, { parent: null });
// @ts-expect-error values over the wire are strings
extract({}, { keys: [retries] });
// @ts-expect-error a number is no header
extract({ a: 5 });
createServer((req, res) => {
  expectTypeOf(fromRequest(req, res, { keys: [tenant] })).toEqualTypeOf<CancelableContext>();
  request('http://x', { headers: inject(scoped, {}) });
  inject(scoped, res);
  expectTypeOf(req.headers).toExtend<HeaderSource>();
  expectTypeOf(res).toExtend<HeaderTarget>();
  // @ts-expect-error the response is needed to know when it is finished
  fromRequest(req);
});
createHttp2Server((req, res) => {
  using incoming = fromRequest(req, res);
  inject(incoming, res);
});
expectTypeOf(new ClientGoneError().code).toEqualTypeOf<'ERR_CLIENT_GONE'>();
new ClientGoneError('gone', { cause: 1 });
// @ts-expect-error the code is fixed
new ClientGoneError('gone', { code: 'OTHER' });

// --- Signals ---

const shutdownOptions: ShutdownOptions = {
  name: undefined,
  parent: undefined,
  signals: undefined,
  graceMs: undefined,
  onSecondSignal: undefined,
};
expectTypeOf(shutdownContext(shutdownOptions)).toEqualTypeOf<CancelableContext>();
shutdownContext({
  name: 'api',
  parent: either,
  signals: ['SIGTERM'],
  graceMs: 10_000,
  onSecondSignal: (signal) => {
    expectTypeOf(signal).toEqualTypeOf<NodeJS.Signals>();
  },
});
// @ts-expect-error no such signal
shutdownContext({ signals: ['TERM'] });
expectTypeOf(shutdownContext()).not.toHaveProperty('stop');
expectTypeOf(new ShutdownError('SIGTERM').signal).toEqualTypeOf<NodeJS.Signals>();
expectTypeOf(new ShutdownError('SIGTERM', { cause: 1 }).code).toEqualTypeOf<'ERR_SHUTDOWN'>();
// @ts-expect-error it names a signal
new ShutdownError();

// --- Written by others: the same shape is enough ---

class ForeignCanceledError extends Error {
  override readonly name = 'AbortError';
  readonly code = 'ERR_CANCELED';
  readonly policy?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}
class HandWritten implements Context {
  readonly #parent: Context = background();
  readonly deadline = undefined;
  readonly done = false;
  readonly cause = undefined;
  get signal(): AbortSignal {
    return this.#parent.signal;
  }
  get err(): ForeignCanceledError | undefined {
    return undefined;
  }
  remaining(): number {
    return Infinity;
  }
  value<T, R extends T | undefined>(key: ContextKey<T, R>): R {
    return this.#parent.value(key);
  }
  throwIfDone(): void {
    // Never done.
  }
}
withTimeout(new HandWritten(), 5);
void sleep(1, { signal: new HandWritten() });
declare const unknownThing: unknown;
if (isContext(unknownThing)) expectTypeOf(unknownThing).toEqualTypeOf<Context>();

class Traced implements Policy {
  readonly kind = 'trace';
  async execute<T>(operation: Operation<T>, options?: ExecuteOptions): Promise<T> {
    return operation(toContext(options?.signal));
  }
  wrap<A extends unknown[], T>(fn: (...args: A) => T | PromiseLike<T>): (...args: A) => Promise<T> {
    return async (...args) => this.execute(() => fn(...args));
  }
}
const policy: Policy = new Traced();
expectTypeOf(policy.execute(() => 5, { key: 'a', idempotent: true, signal: either })).toEqualTypeOf<Promise<number>>();
expectTypeOf(policy.wrap(async (id: string) => Promise.resolve(id.length))).toEqualTypeOf<
  (this: unknown, id: string) => Promise<number>
>();

// --- Diagnostics ---

subscribe('patterns:context:deadline-exceeded' satisfies keyof ContextDiagnostics, (message) => {
  const { name, timeoutMs } = message as ContextDiagnostics['patterns:context:deadline-exceeded'];
  expectTypeOf(name).toEqualTypeOf<string | undefined>();
  expectTypeOf(timeoutMs).toEqualTypeOf<number | undefined>();
});
expectTypeOf<ContextDiagnostics['patterns:context:shutdown']>().toEqualTypeOf<{
  readonly name: string | undefined;
  readonly signal: NodeJS.Signals;
  readonly second: boolean;
}>();
expectTypeOf<ContextDiagnostics['patterns:context:listener-error']>().toEqualTypeOf<ListenerErrorMessage>();

names([plain.length > 0 ? tenant : retries, ...(noDispose.now() > 0 ? [tenant] : [])]);
