import {
  afterFunc,
  background,
  createKey,
  merge,
  sleep,
  waitFor,
  withCancel,
  withDeadline,
  withoutCancel,
  withTimeout,
  withValue,
  type ContextDiagnostics,
} from '@patterns/context';
import { shutdownContext } from '@patterns/context/process';
import { VirtualClock } from '@patterns/context/testing';
import { recordDiagnostics } from '@patterns-tools/test-kit';
import { Channel } from 'node:diagnostics_channel';

const channels = Object.keys({
  'patterns:context:deadline-exceeded': true,
  'patterns:context:shutdown': true,
  'patterns:context:listener-error': true,
} satisfies Record<keyof ContextDiagnostics, true>) as (keyof ContextDiagnostics)[];

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('publishes what the map of messages says, and nothing else', async () => {
  const clock = new VirtualClock();
  using recorder = recordDiagnostics<ContextDiagnostics>(channels);
  const expectMessages = (...records: unknown[]): void => {
    expect(recorder.records).toEqual(records);
    recorder.clear();
  };

  // Nothing of this is worth a message.
  const parent = withCancel();
  const context = withValue(withoutCancel(merge(parent, background())), createKey('x'), 1);
  const stop = afterFunc(context, () => undefined);
  stop();
  withTimeout(parent, 50, { clock }).cancel();
  const slept = sleep(5, { clock, signal: parent });
  await clock.advance(5);
  await Promise.all([slept, waitFor(Promise.resolve(1), { signal: parent })]);
  parent.cancel();
  expectMessages();

  // A deadline: once, complete, though there are children.
  const timed = withTimeout(undefined, 50, { clock, name: 'checkout' });
  withTimeout(withCancel(timed), 500);
  await clock.advance(50);
  expectMessages({ name: 'patterns:context:deadline-exceeded', message: { name: 'checkout', timeoutMs: 50 } });

  // Each deadline that ended something, also one that had passed before.
  withDeadline(undefined, clock.now() + 5, { clock });
  await clock.advance(5);
  withTimeout(undefined, 0, { clock });
  expectMessages(
    { name: 'patterns:context:deadline-exceeded', message: { name: undefined, timeoutMs: undefined } },
    { name: 'patterns:context:deadline-exceeded', message: { name: undefined, timeoutMs: 0 } },
  );

  // Signals, and the forceful end.
  const shutdown = shutdownContext({ name: 'api', signals: ['SIGTERM'], onSecondSignal: () => undefined });
  process.emit('SIGTERM', 'SIGTERM');
  expect(shutdown.done).toBe(true);
  expectMessages({
    name: 'patterns:context:shutdown',
    message: { name: 'api', signal: 'SIGTERM', second: false },
  });
  process.emit('SIGTERM', 'SIGTERM');
  expectMessages({
    name: 'patterns:context:shutdown',
    message: { name: 'api', signal: 'SIGTERM', second: true },
  });

  // A callback of the user's that throws.
  const error = new Error('thrown');
  const canceled = withCancel();
  afterFunc(canceled, () => {
    throw error;
  });
  canceled.cancel();
  await turn();
  expectMessages({
    name: 'patterns:context:listener-error',
    message: { name: undefined, listener: 'afterFunc', error },
  });
});

it('has told the whole tree when it publishes', async () => {
  const clock = new VirtualClock();
  const context = withTimeout(undefined, 50, { clock });
  const child = withCancel(context);
  const states: boolean[] = [];
  const { subscribe, unsubscribe } = process.getBuiltinModule('node:diagnostics_channel');
  const record = (): void => void states.push(context.done, child.done, child.signal.aborted, clock.pending === 0);
  subscribe('patterns:context:deadline-exceeded', record);
  await clock.advance(50);
  unsubscribe('patterns:context:deadline-exceeded', record);
  expect(states).toEqual([true, true, true, true]);
});

it('makes no message where nobody listens', async () => {
  const publish = jest.spyOn(Channel.prototype, 'publish');
  const warn = jest.spyOn(process, 'emitWarning').mockReturnValue();
  const clock = new VirtualClock();
  const context = withTimeout(undefined, 50, { clock });
  withTimeout(undefined, 0, { clock });
  afterFunc(context, () => {
    throw new Error('thrown');
  });
  await clock.advance(50);
  const shutdown = shutdownContext({ signals: ['SIGTERM'], onSecondSignal: () => undefined });
  process.emit('SIGTERM', 'SIGTERM');
  process.emit('SIGTERM', 'SIGTERM');
  await turn();
  expect([context.done, shutdown.done, warn.mock.calls.length]).toEqual([true, true, 1]);
  expect(publish).not.toHaveBeenCalled();
  warn.mockRestore();
  publish.mockRestore();
});
