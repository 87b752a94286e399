import { EventEmitter, once } from 'node:events';
import { Agent, createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  connect as connectHttp2,
  constants,
  createServer as createHttp2Server,
  type ClientHttp2Session,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import { connect, type AddressInfo, type Socket } from 'node:net';
import {
  afterFunc,
  CanceledError,
  createKey,
  withCancel,
  type CancelableContext,
  type ListenerErrorMessage,
} from '@patterns/context';
import { ClientGoneError, fromRequest, inject, type ExtractOptions } from '@patterns/context/http';
import { classify, deserialize, is, serialize, toProblem } from '@patterns/errors';
import { failOnLeaks, recordDiagnostics, warningsOf } from '@patterns-tools/test-kit';

failOnLeaks();
// Real connections, on a machine that may be busy.
jest.setTimeout(30_000);

/** A request that has arrived, and waits for what the test does with it. */
interface Exchange {
  readonly req: IncomingMessage | Http2ServerRequest;
  readonly res: ServerResponse | Http2ServerResponse;
  readonly ctx: CancelableContext;
}
type Req = IncomingMessage & Http2ServerRequest;
type Res = ServerResponse & Http2ServerResponse;

/** Hands over one request after the other. */
class Arrivals {
  readonly #arrived: Exchange[] = [];
  #wake: (() => void) | undefined;
  options: ExtractOptions | undefined;

  readonly take = (req: IncomingMessage | Http2ServerRequest, res: ServerResponse | Http2ServerResponse): void => {
    this.#arrived.push({ req, res, ctx: fromRequest(req, res, this.options) });
    this.#wake?.();
  };

  async next(): Promise<Exchange> {
    while (this.#arrived.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#arrived.shift() as Exchange;
  }
}

const ended = (ctx: CancelableContext): Promise<void> =>
  new Promise((resolve) => {
    afterFunc(ctx, resolve);
  });

/** What is registered where a request could leave something. */
const listenersOf = ({ req, res }: Exchange): number[] => {
  const emitters = 'stream' in res ? [req, res, res.stream] : [req, res, (req as IncomingMessage).socket];
  return emitters.map((emitter) =>
    emitter.eventNames().reduce((count, name) => count + emitter.listenerCount(name), 0),
  );
};

const expectGone = ({ ctx }: Exchange): void => {
  expect(ctx.cause).toBeInstanceOf(ClientGoneError);
  expect(ctx.err).toBeInstanceOf(CanceledError);
  expect(is(ctx.err, ClientGoneError)).toBe(true);
};
const expectFinished = ({ ctx }: Exchange): void => {
  expect(ctx.cause).toBeInstanceOf(CanceledError);
  expect(ctx.cause).toBe(ctx.err);
};

const tenant = createKey<string>('tenant');
const megabytes = Buffer.alloc(30_000_000);

describe('HTTP/1.1', () => {
  let arrivals: Arrivals;
  let server: Server;
  let port: number;
  beforeEach(async () => {
    arrivals = new Arrivals();
    server = createServer(arrivals.take).listen(0, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  /** A client that says exactly what it is told. */
  const open = async (): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  };
  const get = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
  const post = (bytes: number): string => `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${bytes}\r\n\r\n`;

  it('has the deadline, the values and the trace of the request', async () => {
    arrivals.options = { keys: [tenant], maxTimeoutMs: 60_000 };
    const socket = await open();
    socket.write(
      `GET / HTTP/1.1\r\nHost: x\r\nX-Request-Timeout-Ms: 50000\r\nBaggage: a=1\r\nBaggage: tenant=acme\r\ntraceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n\r\n`,
    );
    const { ctx } = await arrivals.next();
    expect(ctx.remaining()).toBeGreaterThan(40_000);
    expect(ctx.remaining()).toBeLessThanOrEqual(50_000);
    expect(ctx.value(tenant)).toBe('acme');
    expect(inject(ctx, {})).toMatchObject({ traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' });
    socket.destroy();
    await ended(ctx);
  });

  it.each(['before anything was sent', 'in the middle of the body'])(
    'ends when the client goes away %s',
    async (when) => {
      const socket = await open();
      socket.write(get);
      const exchange = await arrivals.next();
      if (when !== 'before anything was sent') (exchange.res as Res).write('half');
      socket.destroy();
      await ended(exchange.ctx);
      expectGone(exchange);
      expect(classify(exchange.ctx.cause).kind).toBe('canceled');
    },
  );

  it('ends when the client resets the connection', async () => {
    const socket = await open();
    socket.write(get);
    const exchange = await arrivals.next();
    socket.resetAndDestroy();
    await ended(exchange.ctx);
    expectGone(exchange);
  });

  it('ends when the client says that it will send nothing more, which Node takes for the end', async () => {
    const socket = await open();
    socket.resume().end(get);
    const exchange = await arrivals.next();
    await ended(exchange.ctx);
    expectGone(exchange);
  });

  it.each(['unread', 'read'])('ends when the client goes away while it sends a body that is %s', async (how) => {
    const socket = await open();
    socket.write(post(100) + 'begin');
    const exchange = await arrivals.next();
    (exchange.req as Req).on('error', () => undefined);
    if (how === 'read') (exchange.req as Req).resume();
    socket.destroy();
    await ended(exchange.ctx);
    expectGone(exchange);
  });

  it('does not end when the request has been read', async () => {
    const socket = await open();
    socket.write(`${post(4)}body`);
    const exchange = await arrivals.next();
    await once((exchange.req as Req).resume(), 'close');
    expect(exchange.ctx.done).toBe(false);
    socket.destroy();
    await ended(exchange.ctx);
    expectGone(exchange);
  });

  it('is cancelled, plainly, once the response is finished', async () => {
    const socket = await open();
    socket.write(get);
    const exchange = await arrivals.next();
    let doneAtFinish: boolean | undefined;
    exchange.res.on('finish', () => (doneAtFinish = exchange.ctx.done));
    const closed = once(exchange.res as Res, 'close');
    exchange.res.end('all');
    expect(exchange.ctx.done).toBe(false);
    await ended(exchange.ctx);
    expectFinished(exchange);
    await closed;
    expect(doneAtFinish).toBe(true);
    socket.destroy();
  });

  it('ends without an error of its own', async () => {
    using recorder = recordDiagnostics<{ 'patterns:context:listener-error': ListenerErrorMessage }>([
      'patterns:context:listener-error',
    ]);
    const socket = await open();
    socket.resume().write(get);
    const exchange = await arrivals.next();
    exchange.res.end('all');
    await ended(exchange.ctx);
    expect(recorder.records).toEqual([]);
    socket.destroy();
  });

  it.each([
    'HEAD / HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET / HTTP/1.0\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  ])('is cancelled, plainly, also after %j', async (text) => {
    const socket = await open();
    socket.resume().write(text);
    const exchange = await arrivals.next();
    exchange.res.end('all');
    await ended(exchange.ctx);
    expectFinished(exchange);
  });

  it('ends when the client goes away before it has taken all of a response that was ended', async () => {
    const socket = await open();
    socket.pause().write(get);
    const exchange = await arrivals.next();
    exchange.res.end(megabytes);
    await new Promise((resolve) => setImmediate(resolve));
    expect(exchange.ctx.done).toBe(false);
    socket.destroy();
    await ended(exchange.ctx);
    expectGone(exchange);
  });

  it('ends one exchange after the other on a connection that is kept alive, and the last one with it', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const sockets = new Set<unknown>();
    for (let round = 0; round < 20; round++) {
      const outgoing = request({ port, host: '127.0.0.1', agent }).end();
      const exchange = await arrivals.next();
      sockets.add((exchange.req as Req).socket);
      const before = listenersOf(exchange)[2];
      exchange.res.end('x');
      const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
      await once(response.resume(), 'end');
      await ended(exchange.ctx);
      expectFinished(exchange);
      expect(listenersOf(exchange)[2]).toBeLessThanOrEqual(before ?? 0);
    }
    expect(sockets.size).toBe(1);
    request({ port, host: '127.0.0.1', agent })
      .on('error', () => undefined)
      .end();
    const exchange = await arrivals.next();
    agent.destroy();
    await ended(exchange.ctx);
    expectGone(exchange);
  });

  describe('in a pipeline', () => {
    it('ends each exchange with its own response, in whatever order they are answered', async () => {
      const socket = await open();
      socket.resume().write(get.repeat(3));
      const [first, second, third] = [await arrivals.next(), await arrivals.next(), await arrivals.next()];
      third.res.end('3');
      second.res.end('2');
      await new Promise((resolve) => setImmediate(resolve));
      expect([first, second, third].map(({ ctx }) => ctx.done)).toEqual([false, false, false]);
      first.res.end('1');
      await Promise.all([first, second, third].map(({ ctx }) => ended(ctx)));
      [first, second, third].forEach(expectFinished);
      socket.destroy();
    });

    it.each(['read', 'unread'])('ends all that wait when the client goes away, whose requests are %s', async (how) => {
      const socket = await open();
      socket.write(get.repeat(3));
      const exchanges = [await arrivals.next(), await arrivals.next(), await arrivals.next()];
      if (how === 'read') await Promise.all(exchanges.map(({ req }) => once((req as Req).resume(), 'end')));
      exchanges[1]?.res.end('written, but behind the first');
      await new Promise((resolve) => setImmediate(resolve));
      socket.destroy();
      await Promise.all(exchanges.map(({ ctx }) => ended(ctx)));
      exchanges.forEach(expectGone);
    });

    it('ends those that wait also when one of them has been cancelled before', async () => {
      const socket = await open();
      socket.write(get.repeat(3));
      const [first, second, third] = [await arrivals.next(), await arrivals.next(), await arrivals.next()];
      second.ctx.cancel('own');
      socket.destroy();
      await Promise.all([first, third].map(({ ctx }) => ended(ctx)));
      [first, third].forEach(expectGone);
      expect(second.ctx.cause).toBe('own');
    });

    it('listens to the socket once, however many wait', async () => {
      const socket = await open();
      socket.resume().write(get);
      const first = await arrivals.next();
      const before = listenersOf(first)[2] ?? 0;
      socket.write(get.repeat(30));
      const waiting: Exchange[] = [];
      const warnings = await warningsOf(async () => {
        for (let n = 0; n < 30; n++) waiting.push(await arrivals.next());
      });
      expect(warnings).toEqual([]);
      expect(listenersOf(first)[2]).toBe(before + 1);
      first.res.end();
      for (const { res } of waiting) res.end();
      await Promise.all(waiting.map(({ ctx }) => ended(ctx)));
      expect((first.req as Req).socket.listenerCount('close')).toBeLessThanOrEqual(before);
      socket.destroy();
    });
  });

  it('is done at once where the client has gone already', async () => {
    const socket = await open();
    socket.write(get);
    const { req, res } = await arrivals.next();
    socket.destroy();
    await once(res as Res, 'close');
    const late = { req, res, ctx: fromRequest(req, res) };
    expectGone(late);
    expect(res.listenerCount('finish') + res.listenerCount('close')).toBeLessThan(3);
  });

  it.each(['keep-alive', 'close'])(
    'is done at once where the response has been finished already, connection: %s',
    async (connection) => {
      const socket = await open();
      socket.resume().write(`GET / HTTP/1.1\r\nHost: x\r\nConnection: ${connection}\r\n\r\n`);
      const { req, res } = await arrivals.next();
      res.end('x');
      await once(res as Res, 'close');
      expectFinished({ req, res, ctx: fromRequest(req, res) });
      socket.destroy();
    },
  );

  it.each<[string, (exchange: Exchange, parent: CancelableContext) => void]>([
    [
      'cancelled',
      ({ ctx }) => {
        ctx.cancel();
      },
    ],
    [
      'disposed of',
      ({ ctx }) => {
        ctx[Symbol.dispose]();
      },
    ],
    [
      'ended by its parent',
      (_exchange, parent) => {
        parent.cancel();
      },
    ],
  ])('leaves nothing when it is %s, and hears nothing of what comes then', async (_how, end) => {
    const parent = withCancel();
    arrivals.options = { parent };
    const socket = await open();
    socket.resume().write(get.repeat(2));
    const first = await arrivals.next();
    const second = await arrivals.next();
    const without = [first, second].map(({ res }) => [res.listenerCount('finish') - 1, res.listenerCount('close') - 1]);
    const onSocket = (first.req as Req).socket.listenerCount('close');
    end(first, parent);
    end(second, parent);
    expect([first, second].map(({ res }) => [res.listenerCount('finish'), res.listenerCount('close')])).toEqual(
      without,
    );
    expect((first.req as Req).socket.listenerCount('close')).toBe(onSocket - 1);
    socket.destroy();
    await once((first.req as Req).socket, 'close');
    expect([first.ctx.cause, second.ctx.cause].some((cause) => is(cause, ClientGoneError))).toBe(false);
  });

  it('registers nothing where the time is over before it begins', async () => {
    const socket = await open();
    socket.resume().write('GET / HTTP/1.1\r\nHost: x\r\nx-request-timeout-ms: 0\r\n\r\n');
    const { ctx, res } = await arrivals.next();
    expect(ctx.err?.name).toBe('TimeoutError');
    expect(res.listenerCount('close')).toBe(0);
    socket.destroy();
  });
});

describe('the error', () => {
  it('is a cancellation, a 499 to others, and has no stack', () => {
    const error = new ClientGoneError();
    expect([error.code, ClientGoneError.code, ClientGoneError.kind]).toEqual([
      'ERR_CLIENT_GONE',
      'ERR_CLIENT_GONE',
      'canceled',
    ]);
    expect(error.message).toBe('the client closed the connection before the response was finished');
    expect(error.stack).toBe(`ClientGoneError: ${error.message}`);
    expect([classify(error).kind, toProblem(error).status]).toEqual(['canceled', 499]);
    expect(new ClientGoneError('gone', { cause: 1 })).toMatchObject({ message: 'gone', cause: 1 });
  });

  it('comes back as what it was', () => {
    const back = deserialize(JSON.parse(JSON.stringify(serialize(new ClientGoneError('gone')))));
    expect(back).toBeInstanceOf(ClientGoneError);
    expect(back).toMatchObject({ code: 'ERR_CLIENT_GONE', message: 'gone' });
  });
});

it('takes doubles of request and response, as tests of handlers use them', () => {
  const res = Object.assign(new EventEmitter(), { socket: null, destroyed: false, writableFinished: false });
  const ctx = fromRequest({ headers: { 'x-request-timeout-ms': '60000' } } as unknown as Req, res as unknown as Res);
  expect(ctx.remaining()).toBeGreaterThan(0);
  res.writableFinished = true;
  res.emit('finish');
  expect(ctx.cause).toBeInstanceOf(CanceledError);
  expect(res.eventNames()).toEqual([]);
});

describe('HTTP/2', () => {
  let arrivals: Arrivals;
  let server: Http2Server;
  let client: ClientHttp2Session;
  let socket: Socket;
  beforeEach(async () => {
    arrivals = new Arrivals();
    server = createHttp2Server(arrivals.take).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    socket = connect(port, '127.0.0.1');
    client = connectHttp2(`http://127.0.0.1:${port}`, { createConnection: () => socket }).on('error', () => undefined);
    await once(client, 'connect');
  });
  afterEach(async () => {
    client.destroy();
    socket.destroy();
    server.close();
    await once(server, 'close');
  });
  const send = (headers = {}, options = {}) =>
    client.request({ ':path': '/', ...headers }, options).on('error', () => undefined);

  it('has the deadline and the values of the request', async () => {
    arrivals.options = { keys: [tenant], timeoutHeader: 'grpc-timeout' };
    const stream = send({ 'grpc-timeout': '50S', baggage: 'tenant=acme' });
    const exchange = await arrivals.next();
    expect(exchange.ctx.remaining()).toBeGreaterThan(40_000);
    expect(exchange.ctx.value(tenant)).toBe('acme');
    stream.close(constants.NGHTTP2_CANCEL);
    await ended(exchange.ctx);
  });

  it.each<[string, () => void, boolean]>([
    ['resets the stream', () => undefined, false],
    ['resets the stream in the middle of the body', () => undefined, true],
    [
      'closes the session',
      () => {
        client.destroy();
      },
      false,
    ],
    [
      'closes the session in the middle of the body',
      () => {
        client.destroy();
      },
      true,
    ],
    [
      'loses its connection',
      () => {
        socket.destroy();
      },
      false,
    ],
  ])('ends when the client %s', async (_what, leave, begun) => {
    const stream = send();
    const exchange = await arrivals.next();
    if (begun) {
      (exchange.res as Res).write('half');
      await once(stream, 'response');
    }
    leave();
    if (!client.destroyed) stream.close(constants.NGHTTP2_CANCEL);
    await ended(exchange.ctx);
    expectGone(exchange);
  });

  it.each([70_000, 200_000, 30_000_000])(
    'ends when the client goes away before it has taken all of a response that was ended, of %d bytes',
    async (bytes) => {
      const stream = send();
      const exchange = await arrivals.next();
      (exchange.res as Res).end(Buffer.alloc(bytes));
      await once(stream, 'response');
      expect(exchange.ctx.done).toBe(false);
      stream.close(constants.NGHTTP2_CANCEL);
      await ended(exchange.ctx);
      expectGone(exchange);
    },
  );

  it.each(['HEAD', 'POST'])('ends when the client resets the stream of a %s request', async (method) => {
    const stream = send({ ':method': method }, { endStream: method === 'HEAD' });
    const exchange = await arrivals.next();
    stream.close(constants.NGHTTP2_CANCEL);
    await ended(exchange.ctx);
    expectGone(exchange);
  });

  it('ends when the client resets the stream without an error', async () => {
    const stream = send();
    const exchange = await arrivals.next();
    stream.close(constants.NGHTTP2_NO_ERROR);
    await ended(exchange.ctx);
    expectGone(exchange);
  });

  it('ends one stream, and not those beside it', async () => {
    const streams = [send(), send()];
    const [first, second] = [await arrivals.next(), await arrivals.next()];
    streams[0]?.close(constants.NGHTTP2_CANCEL);
    await ended(first.ctx);
    expectGone(first);
    expect(second.ctx.done).toBe(false);
    (second.res as Res).end('x');
    streams[1]?.resume();
    await ended(second.ctx);
    expectFinished(second);
  });

  it.each([
    ['a response with a body', {}, 'x'],
    ['a response without one', {}, undefined],
    ['a response to HEAD', { ':method': 'HEAD' }, 'x'],
    ['a response before the request has ended', { ':method': 'POST' }, 'x'],
  ])('is cancelled, plainly, once the response is finished: %s', async (_what, headers, body) => {
    const stream = send(headers, { endStream: !(':method' in headers && headers[':method'] === 'POST') }).resume();
    const exchange = await arrivals.next();
    await new Promise((resolve) => setImmediate(resolve));
    expect(exchange.ctx.done).toBe(false);
    (exchange.res as Res).end(body);
    await ended(exchange.ctx);
    expectFinished(exchange);
    stream.close();
  });

  it('is done at once where it is over already', async () => {
    const stream = send();
    const gone = await arrivals.next();
    stream.close(constants.NGHTTP2_CANCEL);
    await once((gone.res as Res).stream, 'close');
    expectGone({ ...gone, ctx: fromRequest(gone.req, gone.res) });

    send().resume();
    const finished = await arrivals.next();
    (finished.res as Res).end('x');
    await once((finished.res as Res).stream, 'close');
    expectFinished({ ...finished, ctx: fromRequest(finished.req, finished.res) });
  });

  it('leaves nothing when it is cancelled', async () => {
    const stream = send();
    const exchange = await arrivals.next();
    const { stream: serverStream } = exchange.res as Res;
    const before = [serverStream.listenerCount('finish'), serverStream.listenerCount('close')];
    exchange.ctx.cancel('own');
    expect([serverStream.listenerCount('finish') + 1, serverStream.listenerCount('close') + 1]).toEqual(before);
    stream.close(constants.NGHTTP2_CANCEL);
    await once(serverStream, 'close');
    expect(exchange.ctx.cause).toBe('own');
  });
});
