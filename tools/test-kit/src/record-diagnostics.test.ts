import { channel } from 'node:diagnostics_channel';
import { recordDiagnostics } from './record-diagnostics.ts';

interface Messages {
  'test-kit:open': { readonly port: number };
  'test-kit:close': { readonly reason: string };
}

const open = channel('test-kit:open');
const close = channel('test-kit:close');

describe('recordDiagnostics', () => {
  it('returns the messages of all its channels in the order in which they were published', () => {
    using recorder = recordDiagnostics<Messages>(['test-kit:close', 'test-kit:open']);
    open.publish({ port: 1 });
    close.publish({ reason: 'over' });
    open.publish({ port: 2 });
    expect(recorder.names).toEqual(['test-kit:open', 'test-kit:close', 'test-kit:open']);
    expect(recorder.records).toEqual([
      { name: 'test-kit:open', message: { port: 1 } },
      { name: 'test-kit:close', message: { reason: 'over' } },
      { name: 'test-kit:open', message: { port: 2 } },
    ]);
  });

  it('leaves no subscriber behind when disposed, in either way', async () => {
    {
      using first = recordDiagnostics(['test-kit:open']);
      await using second = recordDiagnostics(['test-kit:open']);
      open.publish({ port: 1 });
      expect([first.names, second.names]).toEqual([['test-kit:open'], ['test-kit:open']]);
    }
    expect(open.hasSubscribers).toBe(false);
  });

  it('keeps what it has after it was stopped, and hears no more', () => {
    const recorder = recordDiagnostics(['test-kit:open']);
    open.publish({ port: 1 });
    recorder.stop();
    open.publish({ port: 2 });
    expect(recorder.names).toHaveLength(1);
  });

  it('starts anew after clear', () => {
    using recorder = recordDiagnostics<Messages>(['test-kit:open']);
    open.publish({ port: 1 });
    recorder.clear();
    open.publish({ port: 2 });
    expect(recorder.records.map(({ message }) => message)).toEqual([{ port: 2 }]);
  });
});
