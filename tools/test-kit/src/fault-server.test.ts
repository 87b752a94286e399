import { once } from 'node:events';
import { Agent, get, type IncomingMessage, request } from 'node:http';
import { get as tlsGet } from 'node:https';
import { connect } from 'node:net';
import { failOnLeaks } from './fail-on-leaks.ts';
import { fault } from './fault.ts';
import { type FaultServer, startFaultServer } from './fault-server.ts';
import { until } from './until.ts';

failOnLeaks();

let server: FaultServer;
beforeEach(async () => {
  server = await startFaultServer();
});
afterEach(() => server.close());

interface Failure {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
}

/** The code that `fetch` hides in the cause of its TypeError. */
async function failureOf(promise: Promise<unknown>): Promise<string | undefined> {
  const error = (await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )) as (Failure & { cause?: Failure }) | undefined;
  const { code, message } = error?.cause ?? {};
  // A DOMException has a code too, a number that says nothing.
  return code ?? message ?? (typeof error?.code === 'string' ? error.code : error?.name);
}

const requestAt = (path: string): Promise<void> => until(() => server.requests(path).length > 0);

const text = async (url: string, init?: RequestInit): Promise<string> => (await fetch(url, init)).text();

describe('a script', () => {
  it('gives each request its turn, and stays at the last', async () => {
    const url = server.url('/x', [fault.status(503, { retryAfter: 1 }), fault.reset(), fault.ok('body')]);
    const first = await fetch(url);
    expect([first.status, first.headers.get('retry-after'), await first.text()]).toEqual([503, '1', '']);
    expect(await failureOf(fetch(url))).toBe('ECONNRESET');
    expect(await text(url)).toBe('body');
    expect(await text(url)).toBe('body');
    expect(server.requests('/x')).toHaveLength(4);
  });

  it('is of one path, with any query', async () => {
    server.url('/a', fault.ok('a'));
    server.url('/b', fault.ok('b'));
    expect(await text(`${server.origin}/b?page=2`)).toBe('b');
    expect(server.requests('/a')).toEqual([]);
    expect(server.requests('/b')).toMatchObject([{ url: '/b?page=2' }]);
  });

  it('starts anew when its path is scripted again', async () => {
    await text(server.url('/x'));
    expect(await text(server.url('/x', fault.ok('second')))).toBe('second');
    expect(server.requests('/x')).toHaveLength(1);
  });

  it('may hold any function', async () => {
    const url = server.url('/echo', ({ request: { headers }, response }) => response.end(headers['x-name']));
    expect(await text(url, { headers: { 'x-name': 'Ada' } })).toBe('Ada');
  });

  it('is missed with 404', async () => {
    const response = await fetch(`${server.origin}/nowhere`);
    expect([response.status, await response.text()]).toEqual([404, '/nowhere is not scripted\n']);
  });
});

describe('records', () => {
  it('hold method, headers and body', async () => {
    await text(server.url('/x'), { method: 'POST', body: 'größer', headers: { 'x-id': '7' } });
    expect(server.requests('/x')).toMatchObject([
      { method: 'POST', url: '/x', body: 'größer', headers: { 'x-id': '7' } },
    ]);
  });

  it('tell reused connections from new ones', async () => {
    const url = server.url('/x');
    const agent = new Agent({ keepAlive: true });
    for (let i = 0; i < 3; i++) await getWith(agent);
    agent.destroy();
    expect(server.connectionsOf('/x')).toBe(1);
    await getWith(new Agent({ keepAlive: false }));
    expect(server.connectionsOf('/x')).toBe(2);
    expect(server.connections).toBe(2);
    expect(server.requests('/x').map(({ connection }) => connection)).toEqual([1, 1, 1, 2]);

    async function getWith(agent: Agent): Promise<void> {
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        get(url, { agent }, resolve).on('error', reject);
      });
      await once(response.resume(), 'end');
    }
  });
});

describe('Retry-After', () => {
  it.each([
    ['seconds', 2, '2'],
    ['a day', 86_400, '86400'],
    ['a date', new Date(Date.UTC(2030, 0, 2, 3, 4, 5)), 'Wed, 02 Jan 2030 03:04:05 GMT'],
    ['a date in the past', new Date(0), 'Thu, 01 Jan 1970 00:00:00 GMT'],
    ['garbage', 'soon, promised', 'soon, promised'],
  ])('may be %s', async (_form, retryAfter, expected) => {
    const response = await fetch(server.url('/x', fault.status(429, { retryAfter })));
    await response.text();
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, expected]);
  });
});

describe('faults', () => {
  it('status: any code, headers and body', async () => {
    const response = await fetch(
      server.url('/x', fault.status(418, { body: 'short and stout', headers: { 'x-a': 'b' } })),
    );
    expect([response.status, response.headers.get('x-a'), await response.text()]).toEqual([
      418,
      'b',
      'short and stout',
    ]);
  });

  it('refusedUrl: nobody listens', async () => {
    const url = await server.refusedUrl('/x');
    expect(await failureOf(fetch(url))).toBe('ECONNREFUSED');
    expect(await failureOf(fetch(url))).toBe('ECONNREFUSED');
    expect(server.connections).toBe(0);
  });

  it('reset: before any byte', async () => {
    expect(await failureOf(fetch(server.url('/x', fault.reset())))).toBe('ECONNRESET');
    expect(await rawAnswer('/x')).toEqual({ bytes: '', error: 'ECONNRESET' });
  });

  it('resetInBody: after headers and half of the body', async () => {
    const response = await fetch(server.url('/x', fault.resetInBody()));
    expect([response.status, response.headers.get('content-length')]).toEqual([200, '1000']);
    expect(await failureOf(response.text())).toBe('ECONNRESET');
  });

  it('truncatedBody: an orderly end before the promised length', async () => {
    const response = await fetch(server.url('/x', fault.truncatedBody()));
    expect(await failureOf(response.text())).toBe('UND_ERR_SOCKET');
  });

  it('noAnswer: the request arrives and that is all', async () => {
    const controller = new AbortController();
    const failure = failureOf(fetch(server.url('/x', fault.noAnswer()), { signal: controller.signal }));
    await requestAt('/x');
    await new Promise((resolve) => setTimeout(resolve, 50));
    controller.abort();
    expect(await failure).toBe('AbortError');
  });

  it('stalledBody: headers arrive, the rest does not', async () => {
    const controller = new AbortController();
    const response = await fetch(server.url('/x', fault.stalledBody()), { signal: controller.signal });
    expect(response.status).toBe(200);
    setTimeout(() => {
      controller.abort();
    }, 50);
    expect(await failureOf(response.text())).toBe('AbortError');
  });

  it('slowHeaders: complete only in the end', async () => {
    const url = server.url('/x', fault.slowHeaders(100, 'late'));
    const startedAt = performance.now();
    const response = await fetch(url);
    expect(performance.now() - startedAt).toBeGreaterThan(90);
    expect(await response.text()).toBe('late');
  });

  it('slowBody: headers at once, the body in pieces', async () => {
    const startedAt = performance.now();
    const response = await fetch(server.url('/x', fault.slowBody({ chunks: 4, everyMs: 20 })));
    expect(await response.text()).toBe('xxxx');
    expect(performance.now() - startedAt).toBeGreaterThan(70);
  });

  it('redirectLoop: leads nowhere but here', async () => {
    const url = server.url('/x', fault.redirectLoop());
    const response = await fetch(url, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([301, '/x']);
    expect(await failureOf(fetch(url))).toBe('redirect count exceeded');
  });

  it('emptyReply: closed in good order, without a byte', async () => {
    server.url('/x', fault.emptyReply());
    expect(await rawAnswer('/x')).toEqual({ bytes: '', error: undefined });
    const error = await new Promise<Error>((resolve) => request(`${server.origin}/x`).on('error', resolve).end());
    expect(error.message).toBe('socket hang up');
  });

  it('invalidHttp: no parser takes it', async () => {
    expect(await failureOf(fetch(server.url('/x', fault.invalidHttp())))).toMatch(/^HPE_/);
  });

  it('delayed: another one after a pause', async () => {
    const startedAt = performance.now();
    expect(await text(server.url('/x', fault.delayed(60, fault.ok('then'))))).toBe('then');
    expect(performance.now() - startedAt).toBeGreaterThan(50);
  });

  /** What the wire says, without a client in between. */
  function rawAnswer(path: string): Promise<{ bytes: string; error: string | undefined }> {
    return new Promise((resolve) => {
      let bytes = '';
      let error: string | undefined;
      connect(Number(new URL(server.origin).port), '127.0.0.1')
        .setEncoding('utf8')
        .on('data', (chunk: string) => (bytes += chunk))
        .on('error', ({ code }: NodeJS.ErrnoException) => (error = code))
        .on('close', () => {
          resolve({ bytes, error });
        })
        .write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`);
    });
  }
});

describe('with tls', () => {
  const status = (url: string, ca?: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      tlsGet(url, { agent: false, ...(ca !== undefined && { ca }) }, (response) => {
        response.resume().on('end', () => {
          resolve(response.statusCode);
        });
      }).on('error', reject);
    });

  it('shows a certificate that nobody signed, and answers who trusts it', async () => {
    await using secure = await startFaultServer({ tls: true });
    const url = secure.url('/x');
    expect(url).toMatch(/^https:/);
    expect(await failureOf(fetch(url))).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(secure.requests('/x')).toHaveLength(0);
    expect(await status(url, secure.certificate)).toBe(200);
    expect(secure.connectionsOf('/x')).toBe(1);
  });

  it('resets the connection under the encryption', async () => {
    await using secure = await startFaultServer({ tls: true });
    expect(await failureOf(status(secure.url('/x', fault.reset()), secure.certificate))).toBe('ECONNRESET');
  });
});

describe('close', () => {
  it('breaks off what is still open, and may come twice', async () => {
    const pending = failureOf(fetch(server.url('/x', fault.noAnswer())));
    await requestAt('/x');
    await Promise.all([server.close(), server.close()]);
    expect(await pending).toBe('UND_ERR_SOCKET');
    expect(await failureOf(fetch(`${server.origin}/x`))).toBe('ECONNREFUSED');
  });
});
