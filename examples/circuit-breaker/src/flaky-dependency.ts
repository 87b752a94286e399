import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Health = 'well' | 'slow' | 'down';

export interface FlakyDependency extends AsyncDisposable {
  readonly url: string;
  /** How many requests have arrived. */
  readonly requests: number;
  health: Health;
}

const slowMs = 120;

/** A real HTTP server on loopback: it answers at once, takes its time, or answers 503. */
export async function startFlakyDependency(): Promise<FlakyDependency> {
  let health: Health = 'well';
  let requests = 0;
  const server = createServer((_request, response) => {
    requests++;
    if (health === 'down') response.writeHead(503).end('down');
    else if (health === 'slow') setTimeout(() => response.end('price: 7'), slowMs);
    else response.end('price: 7');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/price`,
    get requests() {
      return requests;
    },
    get health() {
      return health;
    },
    set health(next) {
      health = next;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
