import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { afterUntilClosed, type Fault, fault } from './fault.ts';

export interface FaultServerOptions {
  /** Speak HTTPS with a certificate made on the spot, which no client trusts unless it is told to. @defaultValue false */
  readonly tls?: boolean;
}

export interface RecordedRequest {
  readonly method: string;
  /** Path and query, as sent. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** What of the body has arrived. */
  readonly body: string;
  /** Connections are numbered from 1, in the order of their first request. */
  readonly connection: number;
}

export interface FaultServer extends AsyncDisposable {
  /** 'http://127.0.0.1:40123', without a slash at the end. */
  readonly origin: string;
  /** The certificate in PEM, for a client that shall trust it; undefined without `tls`. */
  readonly certificate: string | undefined;
  /** Connections that have brought a request so far. */
  readonly connections: number;
  /**
   * Scripts a path, and gives its URL. Each request takes the next fault; the last one stays. Scripting a path again starts it anew,
   * with no requests recorded.
   */
  url(path: string, script?: Fault | readonly Fault[]): string;
  /** The URL of a port on which nobody listens, and on which nobody can while this server runs: ECONNREFUSED. */
  refusedUrl(path: string): Promise<string>;
  /** What was asked for under this path, with any query, in order of arrival. */
  requests(path: string): readonly RecordedRequest[];
  /** Distinct connections on which these requests came: 1 if they were reused. */
  connectionsOf(path: string): number;
  /** Closes the port, and every connection with it. */
  close(): Promise<void>;
}

interface Route {
  readonly script: readonly Fault[];
  readonly requests: RecordedRequest[];
}

/** A real HTTP server on a free port of 127.0.0.1 that fails as it is told to. What is not scripted gets 404. */
export async function startFaultServer({ tls = false }: FaultServerOptions = {}): Promise<FaultServer> {
  const routes = new Map<string, Route>();
  const numbers = new WeakMap<Socket, number>();
  const open = new Set<Socket>();
  let connections = 0;

  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const { socket, method = '', url = '', headers } = request;
    const route = routes.get(pathOf(url));
    const connection = numbers.get(socket) ?? ++connections;
    numbers.set(socket, connection);
    const recorded = { method, url, headers, body: '', connection };
    const turn = route === undefined ? 0 : route.requests.push(recorded) - 1;
    const answer =
      route?.script[Math.min(turn, route.script.length - 1)] ?? fault.status(404, { body: `${url} is not scripted\n` });

    request.setEncoding('utf8').on('data', (chunk: string) => (recorded.body += chunk));
    request.on('end', () => {
      const reset = (): void => {
        // Under TLS, `socket` is a layer over the one that TCP knows.
        const raw = [...open].find(({ remotePort }) => remotePort === socket.remotePort);
        raw?.resetAndDestroy();
      };
      answer({ request, response, socket, reset, after: afterUntilClosed(socket) });
    });
  };

  const { key, cert } = tls ? await selfSignedCertificate() : {};
  // Who is silent for a minute may be under test, and so may a process that stands still.
  const patience = { headersTimeout: 0, requestTimeout: 0, keepAliveTimeout: 0 };
  const server: Server =
    cert === undefined ? createServer(patience, handle) : createTlsServer({ ...patience, key, cert }, handle);
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    // Clients break off when and how they like.
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const origin = `${tls ? 'https' : 'http'}://127.0.0.1:${port}`;

  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closed ??= new Promise((resolve) => {
      server.close(() => {
        resolve();
      });
      for (const socket of open) socket.destroy();
    });
    return closed;
  };

  const requests = (path: string): readonly RecordedRequest[] => routes.get(pathOf(path))?.requests ?? [];
  return {
    origin,
    certificate: cert,
    get connections() {
      return connections;
    },
    url(path, script = fault.ok()) {
      routes.set(pathOf(path), { script: typeof script === 'function' ? [script] : script, requests: [] });
      return origin + path;
    },
    async refusedUrl(path) {
      const ownPort = await occupyPort(port, open);
      return `http://127.0.0.1:${ownPort}${path}`;
    },
    requests,
    connectionsOf: (path) => new Set(requests(path).map(({ connection }) => connection)).size,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The local end of a connection takes a port that the system gives to nobody else, and does not listen on it. */
async function occupyPort(serverPort: number, open: Set<Socket>): Promise<number> {
  const socket = connect(serverPort, '127.0.0.1');
  await once(socket, 'connect');
  socket.on('error', () => undefined).on('close', () => open.delete(socket));
  open.add(socket);
  return (socket.address() as AddressInfo).port;
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? url;
}

async function selfSignedCertificate(): Promise<{ key: string; cert: string }> {
  // Loaded only by those who ask: every test file evaluates its imports anew.
  const { generate } = await import('selfsigned');
  const { private: key, cert } = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  return { key, cert };
}
