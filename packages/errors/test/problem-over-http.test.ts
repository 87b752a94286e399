import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  attach,
  classify,
  defineError,
  DeserializeError,
  fromProblem,
  is,
  join,
  mark,
  RemoteError,
  sentinel,
  toProblem,
  wrap,
  type ErrorKind,
  type ProblemOptions,
} from '@patterns/errors';

class OrderNotFound extends defineError('OrderNotFound', {
  code: 'HTTP_ORDER_NOT_FOUND',
  http: 404,
  message: ({ id }: { id: string; password?: string }) => `no order ${id}`,
}) {}
class StockUnavailable extends defineError('StockUnavailable', { code: 'HTTP_STOCK', kind: 'unavailable' }) {}
const outOfStock = sentinel('out of stock', { code: 'HTTP_OUT_OF_STOCK' });

/** Everything about it is internal: text, cause, stack, details, what was attached. */
function internalError(): Error {
  const cause = Object.assign(new Error('secret-password refused for secret-user'), {
    code: 'EACCES',
    sql: 'secret-sql',
  });
  const error = wrap(cause, 'secret-query failed', { details: { host: 'secret-host' } });
  attach(error, new Error('secret-attached'));
  return error;
}

const routes: Readonly<Record<string, () => unknown>> = {
  '/orders/7': () =>
    wrap(new OrderNotFound({ id: '7', password: 'secret-token' }, { cause: internalError() }), 'secret-layer'),
  '/stock': () => new StockUnavailable({ shelf: 'secret-shelf' }, { cause: internalError(), retryAfterMs: 1_500 }),
  '/sold': () => wrap(mark(new Error('secret-shelf is empty'), outOfStock), 'secret-layer'),
  '/sentinel': () => join(wrap(outOfStock, 'secret-layer'), undefined),
  '/internal': internalError,
  '/canceled': () => wrap(new DOMException('left', 'AbortError'), 'secret-layer'),
  '/late': () => wrap(Object.assign(new Error('secret-host'), { code: 'ETIMEDOUT' }), 'secret-layer'),
  '/down': () => wrap(Object.assign(new Error('secret-host'), { code: 'ECONNREFUSED' }), 'secret-layer'),
  '/nothing': () => undefined,
  '/text': () => 'secret-text',
};

const servers: Server[] = [];
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

/** A service whose handler throws, and that answers with the problem. */
async function serve(handle: (req: IncomingMessage) => unknown, options?: ProblemOptions): Promise<string> {
  // No connection is closed because this process stood still for some seconds.
  const server = createServer({ keepAliveTimeout: 0 }, (req, res) => {
    void (async () => {
      try {
        res.end(await handle(req));
      } catch (error) {
        const problem = toProblem(error, { instance: req.url, ...options });
        res.writeHead(problem.status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem));
      }
    })();
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const throwRoute = ({ url = '' }: IncomingMessage): never => {
  throw routes[url]?.();
};

interface Answer {
  readonly status: number;
  /** As it was on the wire. */
  readonly wire: string;
  readonly error: Error;
}

async function ask(origin: string, path: string): Promise<Answer> {
  const response = await fetch(origin + path);
  const wire = `${JSON.stringify([...response.headers])}${await response.clone().text()}`;
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  return { status: response.status, wire, error: fromProblem(await response.json()) };
}

describe('a problem over HTTP', () => {
  let origin: string;
  beforeAll(async () => {
    origin = await serve(throwRoute);
  });

  it('is the class that was thrown, with the status that it states', async () => {
    const { status, error } = await ask(origin, '/orders/7');
    expect(status).toBe(404);
    expect(error).toBeInstanceOf(OrderNotFound);
    expect(error).toMatchObject({ name: 'OrderNotFound', code: 'HTTP_ORDER_NOT_FOUND', message: 'no order 7' });
    expect(error.cause).toBeUndefined();
  });

  it('is the very sentinel, wherever it was in the tree of the other side', async () => {
    const { error } = await ask(origin, '/sentinel');
    expect(error).toBe(outOfStock);
    expect(is(wrap(error, 'ordering'), outOfStock)).toBe(true);
  });

  it('is the sentinel that a foreign error was marked with', async () => {
    const { status, error } = await ask(origin, '/sold');
    expect(status).toBe(500);
    expect(error).toBe(outOfStock);
  });

  it('says when to try again, and what that means', async () => {
    const { status, error } = await ask(origin, '/stock');
    expect(status).toBe(503);
    expect(error).toBeInstanceOf(StockUnavailable);
    expect(classify(error)).toEqual({ kind: 'unavailable', retryable: true, retryAfterMs: 1_500 });
  });

  it.each<[string, number, ErrorKind]>([
    ['/internal', 500, 'unknown'],
    ['/canceled', 499, 'client'],
    ['/late', 504, 'timeout'],
    ['/down', 503, 'unavailable'],
    ['/nothing', 500, 'unknown'],
    ['/text', 500, 'unknown'],
  ])('of an error that nobody declared: %s gives %d', async (path, expected) => {
    const { status, error } = await ask(origin, path);
    expect(status).toBe(expected);
    expect(error).toBeInstanceOf(RemoteError);
    expect(error).toMatchObject({ status: expected, code: 'ERR_REMOTE' });
  });

  it.each(Object.keys(routes))('tells nothing internal unless asked to: %s', async (path) => {
    const { wire } = await ask(origin, path);
    expect(wire).not.toMatch(/secret|stack|cause|\.ts|node_modules|EACCES/);
  });

  it('tells messages and details when asked to, secrets redacted', async () => {
    const open = await serve(throwRoute, {
      message: true,
      details: true,
      type: (code) => `https://errors.example/${code}`,
    });
    const { wire, error } = await ask(open, '/orders/7');
    expect(error).toMatchObject({ details: { id: '7', password: '[redacted]' } });
    expect(wire).toContain('https://errors.example/HTTP_ORDER_NOT_FOUND');
    expect((await ask(open, '/internal')).error.message).toContain('secret-password');
    expect((await ask(open, '/stock')).error).toMatchObject({ details: { shelf: 'secret-shelf' } });
  });

  it('goes through a service between, which decides anew', async () => {
    const gateway = await serve(async ({ url = '' }) => {
      const { error } = await ask(origin, url);
      throw wrap(error, 'asking inventory');
    });
    // What both know is what it was; the statuses of others say nothing about ours.
    expect(await ask(gateway, '/orders/7')).toMatchObject({ status: 404, error: { code: 'HTTP_ORDER_NOT_FOUND' } });
    expect((await ask(gateway, '/sentinel')).error).toBe(outOfStock);
    expect(await ask(gateway, '/down')).toMatchObject({ status: 503 });
    expect(await ask(gateway, '/late')).toMatchObject({ status: 504 });
    // Somebody else's 500 may well pass.
    expect(await ask(gateway, '/internal')).toMatchObject({ status: 503 });
  });

  it('leaves unknown codes readable where the class is not known', async () => {
    const response = await fetch(`${origin}/orders/7`);
    const error = fromProblem(await response.json(), { registry: [] });
    expect(error).toBeInstanceOf(RemoteError);
    expect(is(wrap(error, 'x'), 'HTTP_ORDER_NOT_FOUND')).toBe(true);
    expect(classify(error).kind).toBe('client');
  });
});

describe('a body from anybody', () => {
  it.each<[string, string]>([
    ['null', 'null'],
    ['a list', '[1]'],
    ['text', '"sorry"'],
    ['too much', JSON.stringify({ detail: 'x'.repeat(100_000) })],
    ['a bottomless one', `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`],
  ])('is refused where it is %s', async (_what, body) => {
    const origin = await serve(() => body);
    const json: unknown = await (await fetch(origin)).json();
    expect(() => fromProblem(json)).toThrow(DeserializeError);
  });

  it('pollutes nothing', async () => {
    const origin = await serve(
      () => '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"code":"__proto__","status":500}',
    );
    const error = fromProblem(await (await fetch(origin)).json());
    expect(error).toBeInstanceOf(RemoteError);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
