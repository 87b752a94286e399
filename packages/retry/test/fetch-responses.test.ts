import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Readable } from 'node:stream';
import { constant } from '@patterns/retry';
import { BodyNotReplayableError, retryFetch, type RetryFetchOptions } from '@patterns/retry/fetch';

const noDelay: RetryFetchOptions = { backoff: constant(0) };
const headers = new Headers();

/** What other implementations of `fetch` answer with. */
const foreign: readonly (readonly [string, () => object])[] = [
  ['is a stream of Node', () => ({ status: 503, headers, body: Readable.from(['busy']) })],
  ['is not there', () => ({ status: 503, headers })],
  ['is a text', () => ({ status: 503, headers, body: 'busy' })],
  [
    'cannot be read',
    () => ({
      status: 503,
      headers,
      get body() {
        throw new Error('trap');
      },
    }),
  ],
  [
    'gives no reader',
    () => ({
      status: 503,
      headers,
      body: {
        getReader() {
          throw new Error('trap');
        },
      },
    }),
  ],
];

// Jest fails a test in whose time there is an unhandled rejection.
afterEach(() => new Promise(setImmediate));

describe('a response that is followed by another attempt', () => {
  it.each(foreign)('may have a body that %s', async (_, busy) => {
    for (const options of [noDelay, { ...noDelay, attemptTimeoutMs: 60_000 }]) {
      let requests = 0;
      const fake = async (): Promise<Response> =>
        Promise.resolve(++requests < 3 ? (busy() as Response) : new Response('hello'));
      const response = await retryFetch({ ...options, fetch: fake })('http://x/');
      expect([requests, await response.text()]).toEqual([3, 'hello']);
    }
  });

  it('gives its connection up where it cannot be drained', async () => {
    const bodies: Readable[] = [];
    const fake = async (): Promise<Response> => {
      bodies.push(Readable.from(['busy']));
      return Promise.resolve({ status: 503, headers, body: bodies.at(-1) } as never);
    };
    await retryFetch({ ...noDelay, fetch: fake })('http://x/');
    expect(bodies.map(({ destroyed }) => destroyed)).toEqual([true, true, false]);
  });

  it('is given up where the request cannot be sent again, whatever its body is', async () => {
    for (const [, busy] of foreign) {
      const response = busy() as Response;
      const call = retryFetch({ ...noDelay, fetch: async () => Promise.resolve(response) })('http://x/', {
        method: 'PUT',
        body: new Blob(['a']).stream(),
        duplex: 'half',
      });
      await expect(call).rejects.toBeInstanceOf(BodyNotReplayableError);
    }
  });

  it('can be read by whoever is told of the retry', async () => {
    const texts: Promise<string>[] = [];
    const read = (event: unknown): void => {
      texts.push((event as { readonly value: Response }).value.clone().text());
    };
    let requests = 0;
    const fake = async (): Promise<Response> =>
      Promise.resolve(new Response('why not', { status: ++requests < 2 ? 503 : 200 }));
    subscribe('patterns:retry:retry', read);
    await retryFetch({ ...noDelay, fetch: fake, onRetry: read })('http://x/');
    unsubscribe('patterns:retry:retry', read);
    expect(await Promise.all(texts)).toEqual(['why not', 'why not']);
  });

  it('is left to a listener that reads it', async () => {
    let text: Promise<string> | undefined;
    let requests = 0;
    const fake = async (): Promise<Response> =>
      Promise.resolve(new Response('why not', { status: ++requests < 2 ? 503 : 200 }));
    const onRetry: RetryFetchOptions['onRetry'] = ({ value }) => {
      text = (value as Response).text();
    };
    expect((await retryFetch({ ...noDelay, fetch: fake, onRetry })('http://x/')).status).toBe(200);
    expect(await text).toBe('why not');
  });
});
