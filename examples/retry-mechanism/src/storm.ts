import { check, say, scene, youShouldSee } from '@patterns-tools/narrator';
import { exponential, RetryBudget, RetryPolicy, type RetryOptions } from '@patterns/retry';
import { getOrder } from './get-order.ts';
import { overloaded, startScriptedServer } from './scripted-server.ts';

const clients = 300;

/** What retries do to a server that is down, and what a budget does to retries. */
export async function storm(): Promise<void> {
  scene('A retry storm, and a budget against it');
  say(`${clients} clients call a server that refuses everything. Each would make three attempts.`);
  youShouldSee('three times the load without a budget; a fifth more than the calls with one that all of them share.');

  const without = await requestsOf({});
  const within = await requestsOf({ budget: new RetryBudget({ ratio: 0.2, minPerSecond: 0 }) });
  console.log(`\n  without a budget ${bar(without)}\n  with a budget    ${bar(within)}`);
  check(without === 3 * clients, `without a budget ${without} requests reached the server`);
  check(within <= 1.25 * clients, `with a budget it was ${within}: whoever gave up was told at once`);
}

/** How many requests reach the server. */
async function requestsOf(options: RetryOptions): Promise<number> {
  await using server = await startScriptedServer(overloaded);
  const policy = new RetryPolicy({ maxAttempts: 3, backoff: exponential({ initialMs: 50 }), ...options });
  await Promise.allSettled(Array.from({ length: clients }, () => policy.execute((ctx) => getOrder(server.url, ctx))));
  return server.requests;
}

function bar(requests: number): string {
  return `${'█'.repeat(Math.round(requests / 20))} ${requests}`;
}
