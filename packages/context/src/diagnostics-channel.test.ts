import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { collectGarbage } from '@patterns-tools/test-kit';
import { diagnosticsChannel } from './diagnostics-channel.ts';

type Module = Readonly<{ diagnosticsChannel: typeof diagnosticsChannel }>;

/** As a test file that ends leaves it: nothing of the module is left, nor what it held. */
function lookUpInModuleOfItsOwn(name: string): WeakRef<object> {
  let channel: WeakRef<object> | undefined;
  jest.isolateModules(() => {
    const { diagnosticsChannel: own } = jest.requireActual<Module>('./diagnostics-channel.ts');
    channel = new WeakRef(own(name));
  });
  return channel as WeakRef<object>;
}

it('is the channel that others subscribe to by that name', () => {
  const messages: unknown[] = [];
  const record = (message: unknown): void => void messages.push(message);
  const channel = diagnosticsChannel('patterns:test:one');
  expect(channel.hasSubscribers).toBe(false);
  subscribe('patterns:test:one', record);
  expect(channel.hasSubscribers).toBe(true);
  channel.publish('message');
  unsubscribe('patterns:test:one', record);
  channel.publish('to nobody');
  expect(messages).toEqual(['message']);
});

it('stays the same when the module that has looked it up is gone, and everything is collected', async () => {
  const channel = lookUpInModuleOfItsOwn('patterns:test:held');
  await collectGarbage();
  expect(channel.deref()).toBe(diagnosticsChannel('patterns:test:held'));
});

it('never has subscribers where there is no such module', () => {
  const { process: real } = globalThis;
  try {
    for (const process of [undefined, {}]) {
      Object.assign(globalThis, { process });
      const channel = diagnosticsChannel('patterns:test:none');
      channel.publish('message');
      expect(channel.hasSubscribers).toBe(false);
    }
  } finally {
    Object.assign(globalThis, { process: real });
  }
});
