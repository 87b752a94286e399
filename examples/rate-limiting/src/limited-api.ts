import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { KeyedRateLimiter } from '@patterns/ratelimit';

export interface LimitedApi extends AsyncDisposable {
  readonly url: string;
}

/** A real HTTP server on loopback that asks the limiter before it does anything for a user. */
export async function startLimitedApi(users: KeyedRateLimiter): Promise<LimitedApi> {
  const server = createServer((request, response) => {
    // Stands for whoever has logged in: what a client says of itself is no key.
    const user = String(request.headers['x-user']);
    const { allowed, limit, remaining, retryAfterMs, resetMs, policy } = users.check(user);
    const name = policy?.name ?? 'default';
    response.setHeader('RateLimit-Policy', `"${name}";q=${limit};w=${Math.ceil((policy?.windowMs ?? 0) / 1000)}`);
    response.setHeader('RateLimit', `"${name}";r=${remaining};t=${Math.ceil(resetMs / 1000)}`);
    if (allowed) {
      response.end(`hello ${user}\n`);
    } else {
      response.writeHead(429, { 'Retry-After': Math.ceil(retryAfterMs / 1000) }).end('too many requests\n');
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hello`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
