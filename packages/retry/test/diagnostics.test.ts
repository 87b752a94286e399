import { constant, retry, type RetryDiagnostics } from '@patterns/retry';
import { Channel, subscribe, unsubscribe } from 'node:diagnostics_channel';

const channels: readonly (keyof RetryDiagnostics)[] = [
  'patterns:retry:attempt',
  'patterns:retry:retry',
  'patterns:retry:give-up',
  'patterns:retry:listener-error',
];

/** Everything published while `run` runs. */
async function published(run: () => Promise<unknown>): Promise<[string, unknown][]> {
  const messages: [string, unknown][] = [];
  const listener = (message: unknown, name: string | symbol): void => {
    messages.push([String(name), message]);
  };
  for (const channel of channels) subscribe(channel, listener);
  try {
    await run();
  } finally {
    for (const channel of channels) unsubscribe(channel, listener);
  }
  return messages;
}

const down = new Error('down');
const uuid: unknown = expect.stringMatching(/^[\da-f-]{36}$/);
const elapsedMs: unknown = expect.any(Number);

describe('diagnostics', () => {
  it('tell of every attempt, retry and give-up', async () => {
    const messages = await published(() =>
      retry(
        () => {
          throw down;
        },
        { name: 'db', maxAttempts: 2, backoff: constant(0) },
      ).catch(() => undefined),
    );
    const first = { name: 'db', attempt: 1, elapsedMs, previousError: undefined, idempotencyKey: uuid };
    expect(messages).toEqual([
      ['patterns:retry:attempt', first],
      ['patterns:retry:retry', { ...first, error: down, value: undefined, delayMs: 0 }],
      ['patterns:retry:attempt', { ...first, attempt: 2, previousError: down }],
      [
        'patterns:retry:give-up',
        { name: 'db', reason: 'attempts', attempts: 2, elapsedMs, error: down, value: undefined },
      ],
    ]);
  });

  it('cost no message where nobody listens', async () => {
    const publish = jest.spyOn(Channel.prototype, 'publish');
    const heard = jest.fn();
    for (const callbacks of [{}, { onAttempt: heard, onRetry: heard, onGiveUp: heard }]) {
      const failing = retry(() => Promise.reject(down), { backoff: constant(0), ...callbacks });
      await expect(failing).rejects.toBe(down);
      await expect(retry(() => 1, { signal: AbortSignal.abort('gone'), ...callbacks })).rejects.toBe('gone');
    }
    expect(heard).toHaveBeenCalledTimes(3 + 2 + 1 + 1);
    expect(publish).not.toHaveBeenCalled();
    publish.mockRestore();
  });

  it('tell of a value that is retried', async () => {
    const messages = await published(() =>
      retry((ctx) => ctx.attempt, { backoff: constant(0), retryResultIf: (value) => value < 2 }),
    );
    expect(messages.map(([name]) => name)).toEqual([
      'patterns:retry:attempt',
      'patterns:retry:retry',
      'patterns:retry:attempt',
    ]);
    expect(messages[1]?.[1]).toMatchObject({ error: undefined, value: 1 });
  });

  it('tell of a caller who had given up before', async () => {
    const messages = await published(() => retry(() => 1, { signal: AbortSignal.abort() }).catch(() => undefined));
    expect(messages).toEqual([
      [
        'patterns:retry:give-up',
        { name: undefined, reason: 'canceled', attempts: 0, elapsedMs, error: undefined, value: undefined },
      ],
    ]);
  });

  it.each(['onAttempt', 'onRetry', 'onGiveUp'] as const)(
    'tell of an %s that throws, instead of a warning',
    async (option) => {
      const emitWarning = jest.spyOn(process, 'emitWarning');
      const bug = new Error(`in ${option}`);
      const messages = await published(() =>
        retry(
          () => {
            throw new Error('down');
          },
          {
            name: 'db',
            maxAttempts: 2,
            backoff: constant(0),
            [option]: () => {
              throw bug;
            },
          },
        ).catch(() => undefined),
      );
      expect(messages).toContainEqual(['patterns:retry:listener-error', { name: 'db', listener: option, error: bug }]);
      expect(emitWarning).not.toHaveBeenCalled();
      emitWarning.mockRestore();
    },
  );

  it('tell of attempts whose operation did not look', async () => {
    const messages = await published(() => retry(() => 1));
    expect(messages.map(([name]) => name)).toEqual(['patterns:retry:attempt']);
  });
});
