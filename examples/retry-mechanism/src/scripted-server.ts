import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the server does with one request. */
export type Step = (response: ServerResponse) => void;

/** 503, and the client is told when to come back. */
export const unavailable =
  (retryAfterSeconds: number): Step =>
  (response) => {
    response.writeHead(503, { 'Retry-After': retryAfterSeconds }).end('down for maintenance');
  };

/** 503 without a hint. */
export const overloaded: Step = (response) => {
  response.writeHead(503).end();
};

/** The connection breaks before there is an answer. */
export const reset: Step = (response) => {
  response.req.socket.resetAndDestroy();
};

/** The answer does not come in any reasonable time. */
export const silence: Step = () => undefined;

export const answer =
  (body: unknown): Step =>
  (response) => {
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  };

export interface ScriptedServer extends AsyncDisposable {
  readonly url: string;
  /** How many requests have arrived. */
  readonly requests: number;
}

/** A real HTTP server on loopback that follows a script, one step a request; the last step is repeated. */
export async function startScriptedServer(...script: readonly [Step, ...Step[]]): Promise<ScriptedServer> {
  let requests = 0;
  const server = createServer((_request, response) => {
    const step = script[Math.min(requests++, script.length - 1)] ?? script[0];
    step(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/orders/7`,
    get requests() {
      return requests;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
