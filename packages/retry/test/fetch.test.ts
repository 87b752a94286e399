import { once } from 'node:events';
import { sleep } from '@patterns/context';
import { VirtualClock } from '@patterns/context/testing';
import { classify, is } from '@patterns/errors';
import { constant, RetryBudget, RetryError, type GiveUpEvent, type RetryEvent } from '@patterns/retry';
import { BodyNotReplayableError, retryFetch, type RetryFetchOptions } from '@patterns/retry/fetch';
import { fault, startFaultServer, until, type Fault, type FaultServer } from '@patterns-tools/test-kit';

let server: FaultServer;
beforeAll(async () => {
  server = await startFaultServer();
});
afterAll(() => server.close());

const noDelay: RetryFetchOptions = { backoff: constant(0) };
let paths = 0;
const script = (...faults: Parameters<FaultServer['url']>[1][]): { path: string; url: string } => {
  const path = `/${++paths}`;
  return { path, url: server.url(path, faults as never) };
};
const { status, ok, reset } = fault;

describe('retryFetch', () => {
  it('is fetch when nothing goes wrong', async () => {
    const { path, url } = script(ok('hello'));
    const response = await retryFetch()(url, { headers: { 'x-one': '1' } });
    expect([response.status, await response.text()]).toEqual([200, 'hello']);
    expect(server.requests(path)).toMatchObject([{ method: 'GET', headers: { 'x-one': '1' } }]);
  });

  it.each([408, 425, 429, 500, 502, 503, 504, 599])('sends a request that was answered with %d again', async (code) => {
    const { path, url } = script(status(code), ok('hello'));
    expect(await (await retryFetch(noDelay)(url)).text()).toBe('hello');
    expect(server.requests(path)).toHaveLength(2);
  });

  it.each([201, 301, 400, 401, 404, 409, 501, 505])('takes %d for an answer', async (code) => {
    const { path, url } = script(status(code));
    expect((await retryFetch(noDelay)(url, { redirect: 'manual' })).status).toBe(code);
    expect(server.requests(path)).toHaveLength(1);
  });

  it('retries by the status that one names', async () => {
    const { path, url } = script(status(404), status(503));
    expect((await retryFetch({ ...noDelay, retryStatus: (code) => code === 404 })(url)).status).toBe(503);
    expect(server.requests(path)).toHaveLength(2);
  });

  it('resolves with the last response, whatever its status, with a body to be read', async () => {
    const { path, url } = script(status(503, { body: 'sorry' }));
    let event: GiveUpEvent | undefined;
    const response = await retryFetch({ ...noDelay, onGiveUp: (given) => (event = given) })(url);
    expect([response.status, await response.text()]).toEqual([503, 'sorry']);
    expect(server.requests(path)).toHaveLength(3);
    expect(event).toMatchObject({ reason: 'attempts', attempts: 3, value: response });
  });

  it("rejects with a RetryError that has it with exhausted: 'wrap'", async () => {
    const { url } = script(status(503));
    const error = await retryFetch({ ...noDelay, exhausted: 'wrap' })(url).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RetryError);
    const { value } = error as RetryError;
    await (value as Response).text();
    expect(value).toMatchObject({ status: 503 });
  });

  it("names what it gave up on with exhausted: 'wrap', without what is secret", async () => {
    const { url } = script(status(503), reset());
    const post = retryFetch({ ...noDelay, exhausted: 'wrap', maxAttempts: 2, methods: ['POST'] });
    await expect(post(`${url}?token=abc`, { method: 'POST' })).rejects.toMatchObject({
      message: `gave up on POST ${url}?token after 2 attempts: no more are allowed`,
    });
  });

  it('names no user, password, value or fragment that came in the URL, whatever makes the error', async () => {
    const url = 'http://ann:hunter2@x:81/orders?token=abc#part';
    const fake = async (): Promise<Response> => Promise.resolve(new Response(null, { status: 503 }));
    const options: RetryFetchOptions = { ...noDelay, exhausted: 'wrap', maxAttempts: 2, fetch: fake };
    const body = { method: 'PUT', body: new Blob(['a']).stream(), duplex: 'half' } as const;
    for (const input of [url, new URL(url)]) {
      await expect(retryFetch(options)(input)).rejects.toMatchObject({
        message: 'gave up on GET http://x:81/orders?token after 2 attempts: no more are allowed',
      });
    }
    await expect(retryFetch(options)(url, body)).rejects.toMatchObject({
      message: 'the body of PUT http://x:81/orders?token has been read and cannot be sent again',
    });
  });

  it.each([
    // Requests of 30 ms at 0, 130 and 260.
    [259, 2, 160],
    [260, 3, 290],
  ])('with maxElapsedMs %i makes %i requests', async (maxElapsedMs, requests, atMs) => {
    const clock = new VirtualClock();
    let made = 0;
    const busy = new Response(null, { status: 503 });
    const event: Partial<GiveUpEvent>[] = [];
    const get = retryFetch({
      clock,
      maxElapsedMs,
      maxAttempts: 9,
      backoff: constant(100),
      fetch: async () => {
        made++;
        await sleep(30, { clock });
        return busy;
      },
      onGiveUp: (given) => event.push(given),
    });
    const call = get('http://x/');
    await clock.runAll();
    expect(await call).toBe(busy);
    expect([made, clock.now()]).toEqual([requests, atMs]);
    expect(event).toMatchObject([{ reason: 'elapsed', attempts: requests, elapsedMs: atMs, value: busy }]);
  });

  it('sends again after a network failure, and passes the last one on as it is', async () => {
    const { path, url } = script(reset(), ok('hello'));
    expect(await (await retryFetch(noDelay)(url)).text()).toBe('hello');
    expect(server.requests(path)).toHaveLength(2);

    const refused = await server.refusedUrl('/');
    let calls = 0;
    const error = await retryFetch({ ...noDelay, onAttempt: () => calls++ })(refused).catch(
      (caught: unknown) => caught,
    );
    expect(calls).toBe(3);
    expect(error).toMatchObject({ name: 'TypeError', message: 'fetch failed' });
    expect(is(error, 'ECONNREFUSED')).toBe(true);
  });

  it('uses the connection of a response again that is followed by another attempt', async () => {
    const { path, url } = script(
      status(503, { body: 'x'.repeat(2_000) }),
      status(503, { body: 'x'.repeat(2_000) }),
      ok(),
    );
    await (await retryFetch({ backoff: constant(5) })(url)).text();
    expect([server.requests(path).length, server.connectionsOf(path)]).toEqual([3, 1]);
  });

  describe('of a response that is followed by another attempt', () => {
    // What takes too long is given up as well, which must not decide here.
    beforeEach(() => jest.spyOn(globalThis, 'setTimeout').mockReturnValue(undefined as never));
    afterEach(() => jest.restoreAllMocks());

    it('reads 4 096 bytes and waits for the end, to use its connection again', async () => {
      // To which there are no connections left from other tests.
      await using fresh = await startFaultServer();
      const busy: Fault = ({ response, after }) => {
        response.writeHead(503).write('x'.repeat(4_096));
        after(20, () => response.end());
      };
      const url = fresh.url('/', [busy, ok('hello')]);
      expect(await (await retryFetch(noDelay)(url)).text()).toBe('hello');
      expect([fresh.requests('/').length, fresh.connections]).toEqual([2, 1]);
    });

    it('reads no more, but closes its connection', async () => {
      let closed: Promise<unknown> | undefined;
      const { path, url } = script(({ response, socket }) => {
        closed = once(socket, 'close');
        response.writeHead(503).write('x'.repeat(4_097));
      }, ok('hello'));
      expect(await (await retryFetch(noDelay)(url)).text()).toBe('hello');
      await closed;
      expect([server.requests(path).length, server.connectionsOf(path)]).toEqual([2, 2]);
    });
  });

  it('needs no more than the clock to be moved, by a virtual clock or by fake timers, where answers have bodies', async () => {
    const busy = (times: number) => {
      let calls = 0;
      return jest.fn(() => Promise.resolve(new Response('body', { status: calls++ < times ? 503 : 200 })));
    };
    const clock = new VirtualClock();
    const first = busy(3);
    const call = retryFetch({ clock, maxAttempts: 4, fetch: first })('http://localhost/');
    await clock.runAll();
    expect([first.mock.calls.length, (await call).status]).toEqual([4, 200]);

    jest.useFakeTimers();
    try {
      const second = busy(3);
      const faked = retryFetch({ maxAttempts: 4, fetch: second })('http://localhost/');
      await jest.advanceTimersByTimeAsync(100_000);
      expect([second.mock.calls.length, (await faked).status]).toEqual([4, 200]);
    } finally {
      jest.useRealTimers();
    }
  });

  it('gives the connection up for a long body', async () => {
    const { path, url } = script(status(503, { body: 'x'.repeat(10_000_000) }), ok('hello'));
    expect(await (await retryFetch(noDelay)(url)).text()).toBe('hello');
    expect(server.requests(path)).toHaveLength(2);
  });

  it('waits for a body that stalls, but not for long', async () => {
    const { path, url } = script(fault.stalledBody(), ok('hello'));
    const response = await retryFetch({ ...noDelay, retryStatus: () => true, maxAttempts: 2 })(url);
    expect(await response.text()).toBe('hello');
    expect(server.requests(path)).toHaveLength(2);
  });

  describe('Retry-After', () => {
    const delaysOf = async (
      code: number,
      retryAfter: number | string,
      options?: RetryFetchOptions,
    ): Promise<unknown[]> => {
      const { url } = script(status(code, { retryAfter }), ok());
      const told: unknown[] = [];
      const response = await retryFetch({
        ...noDelay,
        onRetry: ({ delayMs }: RetryEvent) => told.push(delayMs),
        onGiveUp: ({ reason }) => told.push(reason),
        ...options,
      })(url);
      await response.text();
      return told;
    };

    it('is honoured on 429 and 503', async () => {
      expect(await delaysOf(429, 1)).toEqual([1_000]);
      expect(await delaysOf(503, 0, { backoff: constant(50) })).toEqual([0]);
    });

    it('is ignored on others, and where it makes no sense', async () => {
      expect(await delaysOf(500, 9)).toEqual([0]);
      expect(await delaysOf(503, 'soon')).toEqual([0]);
    });

    it('is that of the first header where there are several', async () => {
      expect(await delaysOf(503, '1, 9')).toEqual([1_000]);
      const [inAnHour, later] = [3_600_000, 7_200_000].map((ms) => new Date(Date.now() + ms).toUTCString());
      expect(await delaysOf(503, `${inAnHour}, ${later}`)).toEqual(['retry-after']);
      expect(await delaysOf(503, `${inAnHour}, 1`)).toEqual(['retry-after']);
      expect(await delaysOf(503, `0, ${inAnHour}`)).toEqual([0]);
      expect(await delaysOf(503, 'soon, 1')).toEqual([0]);
    });

    it('that is too long gives up', async () => {
      expect(await delaysOf(503, 61)).toEqual(['retry-after']);
      expect(await delaysOf(503, 2, { maxRetryAfterMs: 1_999 })).toEqual(['retry-after']);
    });

    it("is kept by the RetryError with exhausted: 'wrap'", async () => {
      const { url } = script(status(503, { retryAfter: 120 }));
      const get = retryFetch({ ...noDelay, exhausted: 'wrap' });
      await expect(get(url)).rejects.toMatchObject({ reason: 'retry-after', retryAfterMs: 120_000 });
      const impatient = retryFetch({ ...noDelay, exhausted: 'wrap', maxAttempts: 1 });
      await expect(impatient(url)).rejects.toMatchObject({ reason: 'attempts', retryAfterMs: 120_000 });
    });

    it('is what delayMs is told', async () => {
      const planned: number[] = [];
      const delayMs: RetryFetchOptions['delayMs'] = ({ value }, _, plannedMs) => {
        planned.push(value?.status ?? 0, plannedMs);
        return 0;
      };
      expect(await delaysOf(503, 30, { delayMs })).toEqual([0]);
      expect(planned).toEqual([503, 30_000]);
    });
  });

  describe('a method', () => {
    it.each(['HEAD', 'OPTIONS', 'PUT', 'DELETE', 'put'])('that is idempotent is sent again: %s', async (method) => {
      const { path, url } = script(status(503), ok());
      await retryFetch(noDelay)(url, { method });
      expect(server.requests(path)).toHaveLength(2);
    });

    it.each(['POST', 'PATCH'])('that is not is sent once: %s', async (method) => {
      const { path, url } = script(status(503), ok());
      expect((await retryFetch(noDelay)(url, { method })).status).toBe(503);
      expect(server.requests(path)).toHaveLength(1);
      const failing = script(reset(), ok());
      await expect(retryFetch({ ...noDelay, retryIf: () => true })(failing.url, { method })).rejects.toThrow(
        'fetch failed',
      );
      expect(server.requests(failing.path)).toHaveLength(1);
    });

    it('may be added, or taken away', async () => {
      const post = script(status(503), ok());
      await retryFetch({ ...noDelay, methods: ['post'] })(post.url, { method: 'POST' });
      expect(server.requests(post.path)).toHaveLength(2);
      const get = script(status(503), ok());
      await retryFetch({ ...noDelay, methods: [] })(get.url);
      expect(server.requests(get.path)).toHaveLength(1);
    });

    it('is sent again with a key of the caller', async () => {
      const { path, url } = script(status(503), ok());
      await retryFetch(noDelay)(url, { method: 'POST', headers: { 'idempotency-key': 'mine' } });
      expect(server.requests(path).map(({ headers }) => headers['idempotency-key'])).toEqual(['mine', 'mine']);
    });

    it.each<[string, RequestInit, RequestInit, number]>([
      ['is not', { method: 'GET' }, { method: 'POST', body: 'order' }, 1],
      ['is', { method: 'POST', body: 'order' }, { method: 'PUT' }, 2],
      ['is not, but with a key', { method: 'GET' }, { method: 'POST', headers: { 'Idempotency-Key': 'mine' } }, 2],
      ['had a key in the call alone', { method: 'POST', headers: { 'Idempotency-Key': 'mine' } }, { headers: {} }, 1],
    ])('is the one that prepare asks for: %s', async (_, init, prepared, sent) => {
      const { path, url } = script(status(503));
      const error: unknown = await retryFetch({
        ...noDelay,
        maxAttempts: 2,
        retryIf: () => true,
        exhausted: 'wrap',
        prepare: (given) => ({ ...given, ...prepared }),
      })(url, init).catch((caught: unknown) => caught);
      const method = prepared.method ?? 'POST';
      expect(server.requests(path).map((request) => request.method)).toEqual(Array(sent).fill(method));
      if (sent === 1) expect((error as Response).status).toBe(503);
      else expect((error as Error).message).toContain(`${method} ${url}`);
    });

    it.each([
      [true, 'idempotency-key'],
      ['X-Request-Id', 'x-request-id'],
    ])('is sent again with the key of the call: %p', async (idempotencyKey, header) => {
      const { path, url } = script(status(503), ok());
      const post = retryFetch({ ...noDelay, idempotencyKey });
      await post(url, { method: 'POST', headers: [['x-one', '1']] });
      await post(url, { method: 'POST' });
      const sent = server.requests(path);
      const keys = sent.map(({ headers }) => headers[header]);
      expect(keys[0]).toMatch(/^[\da-f-]{36}$/);
      expect([keys[1] === keys[0], keys[2] === keys[0]]).toEqual([true, false]);
      expect(sent[1]?.headers['x-one']).toBe('1');
    });
  });

  it('takes what prepare throws for a failure of the attempt', async () => {
    const { path, url } = script(ok('hello'));
    const thrown = new Error('no signature');
    let prepared = 0;
    const prepare = (init: RequestInit): RequestInit => {
      if (++prepared === 1) throw thrown;
      return init;
    };
    expect(await (await retryFetch({ ...noDelay, prepare })(url)).text()).toBe('hello');
    expect([prepared, server.requests(path).length]).toEqual([2, 1]);
    prepared = 0;
    await expect(retryFetch({ ...noDelay, prepare, maxAttempts: 1 })(url)).rejects.toBe(thrown);
  });

  it('asks retryIf about failures without an answer, and retryStatus about answers', async () => {
    const asked: unknown[] = [];
    const options: RetryFetchOptions = {
      ...noDelay,
      retryIf: (error) => {
        asked.push(is(error, 'UND_ERR_SOCKET', 'ECONNRESET'));
        return asked.length < 2;
      },
      retryStatus: (code) => {
        asked.push(code);
        return code === 503;
      },
    };
    const { path, url } = script(reset(), status(503), reset(), ok());
    await expect(retryFetch({ ...options, maxAttempts: 9 })(url)).rejects.toThrow('fetch failed');
    expect(asked).toEqual([true, 503, true]);
    expect(server.requests(path)).toHaveLength(3);
  });

  it('tells the budget of no success where the answer is a failure, though the method is not sent again', async () => {
    const events: string[] = [];
    const budget = { record: (event: string) => events.push(event), tryWithdraw: () => true };
    const { url } = script(status(503), status(404));
    const post = retryFetch({ ...noDelay, budget });
    await post(url, { method: 'POST' });
    expect(events).toEqual(['call']);
    await post(url, { method: 'POST' });
    expect(events).toEqual(['call', 'call', 'success']);
  });

  it('takes whatever is not true for a no of the budget', async () => {
    for (const no of [false, 0, null, undefined]) {
      const { path, url } = script(status(503));
      const budget = { record: () => undefined, tryWithdraw: () => no as boolean };
      expect((await retryFetch({ ...noDelay, budget })(url)).status).toBe(503);
      expect(server.requests(path)).toHaveLength(1);
    }
  });

  it('sends the key of the call also where prepare makes the headers anew, and shows it the key before', async () => {
    const { path, url } = script(status(503), ok());
    const shown: unknown[] = [];
    await retryFetch({
      ...noDelay,
      idempotencyKey: true,
      prepare: (init, { idempotencyKey }) => {
        shown.push(new Headers(init.headers).get('idempotency-key') === idempotencyKey);
        return { method: 'POST', headers: { 'x-signature': 'a' } };
      },
    })(url, { method: 'POST' });
    const sent = server.requests(path).map(({ headers }) => [headers['x-signature'], headers['idempotency-key']]);
    expect(sent).toEqual([
      ['a', expect.stringMatching(/^[\da-f-]{36}$/)],
      ['a', sent[0]?.[1]],
    ]);
    expect(shown).toEqual([true, true]);
  });

  it('adds the key to the headers of a Request where prepare gives none', async () => {
    const { path, url } = script(ok());
    const request = new Request(url, { method: 'POST', headers: { 'x-one': '1' } });
    await retryFetch({ idempotencyKey: true, prepare: () => ({}) })(request);
    expect(server.requests(path)).toMatchObject([
      { headers: { 'x-one': '1', 'idempotency-key': expect.stringMatching(/^[\da-f-]{36}$/) as string } },
    ]);
  });

  describe('a body', () => {
    const form = new FormData();
    form.set('a', '1');
    it.each<[string, RequestInit['body']]>([
      ['string', 'text'],
      ['buffer', Buffer.from('text')],
      ['array buffer', new TextEncoder().encode('text').buffer],
      ['view', new DataView(new TextEncoder().encode('text').buffer)],
      ['blob', new Blob(['text'])],
      ['search parameters', new URLSearchParams({ a: '1' })],
    ])('is sent again: %s', async (_, body) => {
      const { path, url } = script(status(503), ok());
      await retryFetch(noDelay)(url, { method: 'PUT', body: body ?? null });
      const bodies = server.requests(path).map((request) => request.body);
      expect(bodies).toHaveLength(2);
      expect(bodies[0]).not.toBe('');
      expect(bodies[1]).toBe(bodies[0]);
    });

    it('is sent again: form', async () => {
      const { path, url } = script(status(503), ok());
      await retryFetch(noDelay)(url, { method: 'PUT', body: form });
      expect(server.requests(path).map((request) => request.body.includes('name="a"'))).toEqual([true, true]);
    });

    it('of a Request is sent again', async () => {
      const { path, url } = script(status(503), ok());
      const request = new Request(url, { method: 'PUT', body: 'text', headers: { 'x-one': '1' } });
      expect((await retryFetch(noDelay)(request)).status).toBe(200);
      expect(server.requests(path)).toMatchObject([
        { method: 'PUT', body: 'text', headers: { 'x-one': '1' } },
        { method: 'PUT', body: 'text', headers: { 'x-one': '1' } },
      ]);
    });

    const stream = (text: string): RequestInit => ({ method: 'PUT', body: new Blob([text]).stream(), duplex: 'half' });

    it('that is a stream is sent once, and rejects where it should be sent again', async () => {
      const fine = script(ok('hello'));
      expect(await (await retryFetch(noDelay)(fine.url, stream('a'))).text()).toBe('hello');
      const failing = script(status(503), ok());
      const url = `${failing.url}?token=abc&x=1`;
      const error = await retryFetch({ ...noDelay, name: 'up' })(url, stream('a')).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(BodyNotReplayableError);
      expect(error).toMatchObject({
        code: 'ERR_BODY_NOT_REPLAYABLE',
        policy: 'up',
        message: `the body of PUT ${failing.url}?token&x has been read and cannot be sent again`,
        cause: undefined,
      });
      expect(classify(error)).toEqual({ kind: 'bug', retryable: false });
      expect(server.requests(failing.path)).toHaveLength(1);
    });

    it('that is a stream says what the attempt failed with', async () => {
      const { url } = script(reset());
      const error = await retryFetch(noDelay)(url, stream('a')).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(BodyNotReplayableError);
      expect(error).toMatchObject({ cause: { message: 'fetch failed' } });
    });

    it('that is a stream does not change what the last attempt ends with', async () => {
      const { url } = script(status(503));
      expect((await retryFetch({ ...noDelay, maxAttempts: 1 })(url, stream('a'))).status).toBe(503);
    });

    it('that is a stream costs a budget nothing, as it cannot be sent again', async () => {
      const { url } = script(status(503));
      const budget = new RetryBudget({ ratio: 0 });
      await expect(retryFetch({ ...noDelay, budget })(url, stream('a'))).rejects.toThrow(BodyNotReplayableError);
      expect(budget.balance).toBe(100);
    });

    it('may be made anew for each attempt', async () => {
      const { path, url } = script(status(503), reset(), ok());
      const response = await retryFetch({
        ...noDelay,
        prepare: (init, { attempt }) => ({
          ...init,
          ...stream(`attempt ${attempt}`),
          headers: { 'x-signature': String(attempt) },
        }),
      })(url, { method: 'PUT' });
      expect(response.status).toBe(200);
      expect(server.requests(path).map(({ body, headers }) => [body, headers['x-signature']])).toEqual([
        ['attempt 1', '1'],
        ['attempt 2', '2'],
        ['attempt 3', '3'],
      ]);
    });
  });

  describe('never retries, whatever retryIf says,', () => {
    const always: RetryFetchOptions = { ...noDelay, retryIf: () => true };
    const attemptsOf = async (
      call: (fetch: typeof globalThis.fetch) => Promise<unknown>,
    ): Promise<[number, unknown]> => {
      let attempts = 0;
      const error = await call(retryFetch({ ...always, onAttempt: () => attempts++ })).then(
        () => undefined,
        (caught: unknown) => caught,
      );
      return [attempts, error];
    };

    const sending = (headers: Record<string, string>, init: RequestInit = {}) => {
      return (fetch: typeof globalThis.fetch) => fetch(script(ok()).url, { ...init, headers });
    };
    const redirected = (location: string) => {
      const redirect = status(302, { headers: { location } });
      return (fetch: typeof globalThis.fetch) => fetch(script(redirect).url);
    };

    it.each<[string, (fetch: typeof globalThis.fetch) => Promise<unknown>]>([
      ['an invalid URL', (fetch) => fetch('http://[')],
      ['a URL that is relative to nothing', (fetch) => fetch('/orders/7')],
      ['a URL with a password', (fetch) => fetch('http://ann:hunter2@127.0.0.1/')],
      ['an unknown scheme', (fetch) => fetch('gopher://127.0.0.1/')],
      ['a port that fetch does not connect to', (fetch) => fetch('http://127.0.0.1:22/')],
      ['an invalid method', (fetch) => fetch('http://127.0.0.1/', { method: 'A B' })],
      ['an invalid option', (fetch) => fetch('http://127.0.0.1/', { mode: 'navigate' })],
      ['a body with GET', (fetch) => fetch('http://127.0.0.1/', { body: 'text' })],
      ['a dispatcher that is none', (fetch) => fetch('http://127.0.0.1/', { dispatcher: {} as never })],
      ['a connection header that is none', sending({ connection: 'foo bar' })],
      ['a transfer encoding', sending({ 'transfer-encoding': 'chunked' })],
      ['an expectation', sending({ expect: '100-continue' })],
      [
        'a content length that is not that of the body',
        sending({ 'content-length': '9' }, { method: 'PUT', body: 'a' }),
      ],
      ['a redirect to an unknown scheme', redirected('ftp://127.0.0.1/')],
      ['a redirect to data', redirected('data:text/plain,x')],
      ['a redirect to a URL with a password', redirected('http://ann:hunter2@localhost:1/')],
      ['a redirect to an invalid URL', redirected('http://[')],
    ])('%s', async (_, call) => {
      const [attempts, error] = await attemptsOf(call);
      expect(attempts).toBe(1);
      expect(error).toMatchObject({ name: 'TypeError' });
    });

    it('an invalid header', async () => {
      const [attempts, error] = await attemptsOf((fetch) => fetch('http://127.0.0.1/', { headers: { 'a b': '1' } }));
      expect(attempts).toBe(0);
      expect(error).toMatchObject({ name: 'TypeError' });
    });

    it.each<[string, RequestInit | undefined]>([
      ['an invalid header', { headers: { 'a b': '1' } }],
      ['an invalid method', { method: 'A B' }],
      ['a method that is no text', { method: Symbol('GET') as never }],
      ['an init that is none', undefined],
    ])('what prepare makes: %s', async (_, prepared) => {
      const { path, url } = script(ok());
      let calls = 0;
      const prepare = (): RequestInit => {
        calls++;
        return prepared as RequestInit;
      };
      await expect(retryFetch({ ...always, prepare })(url)).rejects.toMatchObject({ name: 'TypeError' });
      expect([calls, server.requests(path).length]).toEqual([1, 0]);
    });

    it('too many redirects, or one that is not wanted', async () => {
      const { url } = script(fault.redirectLoop());
      expect((await attemptsOf((fetch) => fetch(url)))[0]).toBe(1);
      expect((await attemptsOf((fetch) => fetch(url, { redirect: 'error' })))[0]).toBe(1);
    });

    it('a certificate that is not trusted', async () => {
      await using secure = await startFaultServer({ tls: true });
      const [attempts, error] = await attemptsOf((fetch) => fetch(secure.url('/')));
      expect(attempts).toBe(1);
      expect(error).toMatchObject({ message: 'fetch failed' });
    });
  });

  describe('leaves all other errors to retryIf:', () => {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the point of the test
    const thrown = (error: unknown) => async (): Promise<never> => Promise.reject(error);
    const prepareFails = (): never => {
      throw new TypeError('no signature');
    };
    const trap = Object.defineProperty(new Error('down'), 'cause', {
      get: () => {
        throw new Error('trap');
      },
    });

    it.each<[string, RetryFetchOptions, number]>([
      ['what another implementation says of an answer', { fetch: thrown({ status: 401 }) }, 1],
      ['a connection that is not permitted', { fetch: thrown({ code: 'EACCES' }) }, 1],
      ['a bug in another implementation', { fetch: thrown(new RangeError('too long')) }, 1],
      ['a bug in prepare', { prepare: prepareFails }, 1],
      ['an error whose cause cannot be read', { fetch: thrown(trap) }, 3],
      ['an error that cannot be read', { fetch: thrown(revoked()) }, 3],
      ['undefined', { fetch: thrown(undefined) }, 3],
    ])('%s', async (_, options, byDefault) => {
      const outcomes: unknown[] = [];
      for (const retryIf of [undefined, () => true]) {
        let attempts = 0;
        const get = retryFetch({ ...noDelay, ...options, retryIf, onAttempt: () => attempts++ });
        outcomes.push(await get('http://x/').catch((error: unknown) => typeof error), attempts);
      }
      expect(outcomes).toEqual([expect.any(String), byDefault, expect.any(String), 3]);
    });

    it('an error whose cause cannot be read is handed on as it is', async () => {
      await expect(retryFetch({ ...noDelay, fetch: thrown(trap) })('http://x/')).rejects.toBe(trap);
    });

    function revoked(): unknown {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return proxy;
    }
  });

  describe('a caller who gives up', () => {
    it('before: no request', async () => {
      const { path, url } = script(ok());
      const reason = new Error('closing');
      await expect(retryFetch()(url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
      await expect(retryFetch()(new Request(url, { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
      await expect(retryFetch({ signal: AbortSignal.abort(reason) })(url)).rejects.toBe(reason);
      expect(server.requests(path)).toHaveLength(0);
    });

    it('during a request, or a wait: the reason, and no other request', async () => {
      const reason = new Error('closing');
      const silent = script(fault.noAnswer());
      const during = new AbortController();
      const request = retryFetch({ retryIf: () => true })(silent.url, { signal: during.signal });
      await until(() => server.requests(silent.path).length > 0);
      during.abort(reason);
      await expect(request).rejects.toBe(reason);

      const busy = script(status(503));
      const waiting = new AbortController();
      const wait = retryFetch({
        backoff: constant(60_000),
        onRetry: () =>
          setImmediate(() => {
            waiting.abort(reason);
          }),
      });
      await expect(wait(busy.url, { signal: waiting.signal })).rejects.toBe(reason);
      expect([server.requests(silent.path).length, server.requests(busy.path).length]).toEqual([1, 1]);
    });

    it('while prepare works: at once, and no request', async () => {
      const { path, url } = script(ok());
      const controller = new AbortController();
      const reason = new Error('closing');
      let goOn = (): void => undefined;
      const call = retryFetch({
        prepare: async (init) => {
          await new Promise<void>((resolve) => (goOn = resolve));
          return init;
        },
      })(url, { signal: controller.signal });
      await new Promise(setImmediate);
      controller.abort(reason);
      await expect(call).rejects.toBe(reason);
      goOn();
      await new Promise(setImmediate);
      expect(server.requests(path)).toHaveLength(0);
    });

    it('while the rest of a response is read: at once, and no other request', async () => {
      const controller = new AbortController();
      const reason = new Error('closing');
      let [requests, ended] = [0, false];
      const stalled = (): Response =>
        new Response(new ReadableStream({ cancel: () => void (ended = true) }), { status: 503 });
      const call = retryFetch({
        ...noDelay,
        fetch: async () => Promise.resolve(++requests === 1 ? stalled() : new Response('fake')),
        onAttempt: ({ attempt }) => {
          if (attempt === 2) {
            queueMicrotask(() => {
              controller.abort(reason);
            });
          }
        },
      })('http://x/', { signal: controller.signal });
      await expect(call).rejects.toBe(reason);
      expect([requests, ended]).toEqual([1, false]);
      // Nor does the response keep its connection.
      await until(() => ended);
      expect(requests).toBe(1);
    });

    it('has its own signal passed on, if that is all there is', async () => {
      const { signal } = new AbortController();
      const seen: unknown[] = [];
      const fake = async (_: unknown, init?: RequestInit): Promise<Response> => {
        seen.push(init?.signal);
        return Promise.resolve(new Response());
      };
      await retryFetch({ fetch: fake })('http://x/', { signal });
      await retryFetch({ fetch: fake, prepare: () => ({}) })('http://x/', { signal });
      expect(seen).toEqual([signal, signal]);
      expect(seen[0]).toBe(signal);
      expect(seen[1]).toBe(signal);
    });

    it('while the body is read: that ends', async () => {
      const { url } = script(fault.stalledBody());
      const controller = new AbortController();
      const response = await retryFetch()(url, { signal: controller.signal });
      const text = response.text();
      controller.abort(new Error('closing'));
      await expect(text).rejects.toThrow();
    });
  });

  describe('with an attempt timeout', () => {
    it('sends a request again that is not answered in time', async () => {
      const { path, url } = script(fault.noAnswer(), ok('hello'));
      const clock = new VirtualClock();
      const call = retryFetch({ ...noDelay, clock, attemptTimeoutMs: 100 })(url);
      await until(() => server.requests(path).length === 1);
      await clock.advance(100);
      expect(await (await call).text()).toBe('hello');
      expect(server.requests(path)).toHaveLength(2);
    });

    it('leaves an attempt time for its request, though the body before stalls', async () => {
      let requests = 0;
      const fake = async (): Promise<Response> =>
        Promise.resolve(++requests === 1 ? new Response(new ReadableStream(), { status: 503 }) : new Response('hello'));
      const get = retryFetch({ ...noDelay, attemptTimeoutMs: 100, maxAttempts: 2, fetch: fake });
      jest.useFakeTimers();
      try {
        const call = get('http://x/');
        // The rest of the body is given up after half of the time.
        await jest.advanceTimersByTimeAsync(60);
        expect(await (await call).text()).toBe('hello');
      } finally {
        jest.useRealTimers();
      }
      expect(requests).toBe(2);
    });

    it('makes no request that prepare was late for', async () => {
      const { path, url } = script(ok());
      let goOn = (): void => undefined;
      const call = retryFetch({
        attemptTimeoutMs: 5,
        maxAttempts: 1,
        prepare: async (init) => {
          await new Promise<void>((resolve) => (goOn = resolve));
          return init;
        },
      })(url);
      await expect(call).rejects.toMatchObject({ code: 'ERR_DEADLINE_EXCEEDED', deadlineName: 'attempt' });
      goOn();
      await new Promise(setImmediate);
      expect(server.requests(path)).toHaveLength(0);
    });

    it('lets the body take as long as it takes', async () => {
      const { url } = script(fault.slowBody({ chunks: 5, everyMs: 60 }));
      const response = await retryFetch({ attemptTimeoutMs: 200 })(url);
      expect(await response.text()).toBe('xxxxx');
    });
  });

  it('sends a relative URL again, and names it without what is secret, where the implementation takes it', async () => {
    const asked: unknown[] = [];
    const fake = async (input: unknown): Promise<Response> => {
      asked.push(input);
      return Promise.resolve(new Response(null, { status: 503 }));
    };
    const get = retryFetch({ ...noDelay, exhausted: 'wrap', maxAttempts: 2, fetch: fake });
    await expect(get('/orders?token=abc')).rejects.toMatchObject({
      message: 'gave up on GET /orders?token after 2 attempts: no more are allowed',
    });
    expect(asked).toEqual(['/orders?token=abc', '/orders?token=abc']);
  });

  it('takes another implementation, and the global one when it is called', async () => {
    const seen: unknown[] = [];
    const fake = async (input: unknown): Promise<Response> => {
      seen.push(input);
      return Promise.resolve(new Response('fake'));
    };
    expect(await (await retryFetch({ fetch: fake })('http://x/')).text()).toBe('fake');
    const get = retryFetch();
    const spy = jest.spyOn(globalThis, 'fetch').mockImplementation(fake);
    expect(await (await get(new URL('http://y/'))).text()).toBe('fake');
    spy.mockRestore();
    expect(seen.map(String)).toEqual(['http://x/', 'http://y/']);
  });

  it.each([
    [{ maxAttempts: 0 }, RangeError],
    [{ methods: 'GET' }, TypeError],
    [{ methods: [1] }, TypeError],
    [{ retryStatus: [503] }, TypeError],
    [{ idempotencyKey: '' }, TypeError],
    [{ idempotencyKey: 'no header' }, TypeError],
    [{ prepare: {} }, TypeError],
    [{ fetch: 'fetch' }, TypeError],
  ])('refuses %j', (options, type) => {
    expect(() => retryFetch(options as never)).toThrow(type);
  });
});
