import { constant } from '@patterns/retry';
import { BodyNotReplayableError, retryFetch, type RetryFetchOptions } from '@patterns/retry/fetch';

const noDelay: RetryFetchOptions = { backoff: constant(0) };

interface Sent {
  readonly method: string;
  readonly header: string | null;
  readonly body: string;
}

/** Answers with 503 so many times, and keeps what the platform makes of each request. */
function failing(times: number): { readonly fetch: typeof fetch; readonly sent: Sent[] } {
  const sent: Sent[] = [];
  const fake = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    sent.push({ method: request.method, header: request.headers.get('x-one'), body: await request.text() });
    return new Response(null, { status: sent.length <= times ? 503 : 200 });
  };
  return { fetch: fake, sent };
}

const plain = { method: 'PUT', body: 'hello', headers: { 'x-one': '1' } };
const asSent: Sent = { method: 'PUT', header: '1', body: 'hello' };

describe('an init', () => {
  const readable: readonly (readonly [string, () => RequestInit])[] = [
    ['an object', () => plain],
    ['an object that inherits its members', () => Object.create(plain) as RequestInit],
    [
      'an object whose class has them',
      () =>
        new (class {
          get method(): string {
            return 'PUT';
          }
          get body(): string {
            return 'hello';
          }
          get headers(): Record<string, string> {
            return { 'x-one': '1' };
          }
        })(),
    ],
    ['a Request', () => new Request('http://other/', plain)],
  ];

  it.each(readable)('is read as fetch reads it: %s', async (_, init) => {
    for (const options of [{}, { attemptTimeoutMs: 60_000 }, { idempotencyKey: true }, { prepare: init }]) {
      const { fetch, sent } = failing(0);
      await retryFetch({ fetch, ...options })('http://x/', 'prepare' in options ? {} : init());
      expect(sent).toEqual([asSent]);
    }
  });

  it.each(readable.slice(0, -1))('is sent again: %s', async (_, init) => {
    const { fetch, sent } = failing(1);
    await retryFetch({ ...noDelay, fetch })('http://x/', init());
    expect(sent).toEqual([asSent, asSent]);
  });

  it('that is a Request has a body that can be sent once', async () => {
    const { fetch, sent } = failing(1);
    const call = retryFetch({ ...noDelay, fetch })('http://x/', new Request('http://other/', plain));
    await expect(call).rejects.toBeInstanceOf(BodyNotReplayableError);
    expect(sent).toEqual([asSent]);
  });

  it('that is a Request ends the call by its signal, and says by its method whether it may be sent again', async () => {
    const { fetch, sent } = failing(1);
    const signal = AbortSignal.abort('gone');
    await expect(retryFetch({ fetch })('http://x/', new Request('http://other/', { signal }))).rejects.toBe('gone');
    const response = await retryFetch({ ...noDelay, fetch })('http://x/', new Request('http://y/', { method: 'POST' }));
    expect([response.status, sent.length]).toEqual([503, 1]);
  });

  it('is read once', async () => {
    const read: string[] = [];
    const init = new Proxy(plain, {
      get: (target, member, receiver) => {
        read.push(String(member));
        return Reflect.get(target, member, receiver) as unknown;
      },
    });
    const { fetch } = failing(2);
    await retryFetch({ ...noDelay, fetch })('http://x/', init);
    expect(read.filter((member) => member in plain).sort()).toEqual(['body', 'headers', 'method']);
  });

  it('keeps what only another implementation knows', async () => {
    const seen: unknown[] = [];
    const fake = async (_: unknown, init?: object): Promise<Response> => {
      seen.push(init);
      return Promise.resolve(new Response());
    };
    await retryFetch({ fetch: fake })('http://x/', { ...plain, agent: 'its own' } as RequestInit);
    expect(seen).toEqual([{ ...plain, agent: 'its own' }]);
  });

  it.each([5, 'GET', true])('that is %p rejects, and no request is made', async (init) => {
    const { fetch, sent } = failing(0);
    await expect(retryFetch({ fetch })('http://x/', init as never)).rejects.toThrow(TypeError);
    await expect(retryFetch({ fetch, prepare: () => init as never })('http://x/')).rejects.toThrow(TypeError);
    expect(sent).toEqual([]);
  });
});

describe('headers that can be read only once', () => {
  const entries = (): RequestInit => ({
    headers: new Map([['x-one', '1']]).entries() as unknown as [string, string][],
  });

  it.each<[string, RetryFetchOptions]>([
    ['as they are', {}],
    ['beside the key of the call', { idempotencyKey: true }],
    ['by prepare', { prepare: (init) => ({ ...init, ...entries() }) }],
  ])('are sent each time: %s', async (_, options) => {
    const { fetch, sent } = failing(1);
    await retryFetch({ ...noDelay, fetch, ...options })('http://x/', 'prepare' in options ? {} : entries());
    expect(sent.map(({ header }) => header)).toEqual(['1', '1']);
  });
});
