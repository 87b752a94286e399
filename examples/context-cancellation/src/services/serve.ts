import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterFunc, type Context } from '@patterns/context';
import { fromRequest } from '@patterns/context/http';
import { shutdownContext } from '@patterns/context/process';
import { toProblem } from '@patterns/errors';
import { log } from './log.ts';
import { orderId } from './order-id.ts';

/** Work on an item. It stops when `ctx` is done, and throws what went wrong as it is. */
export type Handler = (ctx: Context, item: string) => Promise<unknown>;

/** An HTTP service, with one handler for each first segment of a path: `/pack/book`. Ends by itself some time after SIGTERM or SIGINT. */
export function serve(handlers: Readonly<Record<string, Handler>>): void {
  const shutdown = shutdownContext({ graceMs: 5_000 });
  const server = createServer((req, res) => {
    void answer(handlers, shutdown, req, res);
  });
  afterFunc(shutdown, () => {
    log({ event: 'shutting-down', why: String(shutdown.cause) });
    // What is running has been told by its context. With the last answer there is nothing left that holds the process.
    server.close();
  });
  server.listen(Number(process.env['PORT'] ?? 0), process.env['HOST'] ?? '127.0.0.1', () => {
    log({ event: 'listening', port: (server.address() as AddressInfo).port });
  });
}

async function answer(
  handlers: Readonly<Record<string, Handler>>,
  shutdown: Context,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const path = req.url ?? '/';
  if (path === '/health') {
    res.end('ok');
    return;
  }
  const ctx = fromRequest(req, res, { parent: shutdown, maxTimeoutMs: 30_000, keys: [orderId] });
  const began = performance.now();
  const afterMs = (): number => Math.round(performance.now() - began);
  const reply = (status: number, type: string, body: unknown): void => {
    // Kept alive, the connection would hold a process that is shutting down until its client drops it.
    if (shutdown.done) res.setHeader('connection', 'close');
    res.writeHead(status, { 'content-type': type }).end(JSON.stringify(body));
  };
  log({ event: 'begins', path, order: ctx.value(orderId), leftMs: Math.floor(ctx.remaining()) });
  try {
    ctx.throwIfDone(); // too late before it began
    const [, action = '', item = ''] = path.split('/');
    const handler = handlers[action];
    if (handler === undefined) throw new TypeError(`nobody handles ${path}`);
    const result = await handler(ctx, item);
    log({ event: 'done', path, status: 200, afterMs: afterMs() });
    reply(200, 'application/json', result);
  } catch (error) {
    // 499 if the client has gone, 504 if time is over, 503 if we are shutting down, 500 if it is our own fault.
    const problem = toProblem(error);
    log({ event: 'stopped', path, status: problem.status, afterMs: afterMs(), why: String(error) });
    reply(problem.status, 'application/problem+json', problem);
  }
}
