import { at, check, say, scene, youShouldSee } from '@patterns-tools/narrator';
import { DeadlineExceededError } from '@patterns/context';
import { root } from '@patterns/errors';
import { exponential, retry } from '@patterns/retry';
import { getOrder } from './get-order.ts';
import { answer, reset, silence, startScriptedServer, unavailable } from './scripted-server.ts';

/** A client gets its answer from a server that fails in three different ways first. */
export async function gettingThrough(): Promise<void> {
  scene('Getting through');
  say('The server breaks the connection, then is down for a second and says so, then does not answer, then works.');
  youShouldSee('four attempts; a short wait, the second that the server asked for, a short wait; then the order.');

  await using server = await startScriptedServer(reset, unavailable(1), silence, answer({ id: 7, state: 'shipped' }));
  const started = performance.now();
  const elapsed = (): number => performance.now() - started;
  const delays: number[] = [];
  const errors: unknown[] = [];

  const order = await retry(
    (ctx) => {
      at(elapsed(), `attempt ${ctx.attempt}`);
      return getOrder(server.url, ctx);
    },
    {
      maxAttempts: 5,
      backoff: exponential({ initialMs: 100, jitter: 'none' }),
      attemptTimeoutMs: 1_000,
      onRetry({ error, delayMs }) {
        delays.push(delayMs);
        errors.push(error);
        at(elapsed(), `failed: ${describe(error)}; trying again in ${Math.round(delayMs)} ms`);
      },
    },
  );

  at(elapsed(), `order ${order.id} is ${order.state}`);
  check(
    order.state === 'shipped',
    'the fourth attempt got the order, and nobody but the retry knew of the other three',
  );
  check(server.requests === 4, `the server saw ${server.requests} requests`);
  check(delays[1] === 1_000, 'the second wait was the Retry-After of the server, not the backoff');
  check(errors[2] instanceof DeadlineExceededError, 'the attempt without an answer was given up after a second');
}

function describe(error: unknown): string {
  const innermost = root(error);
  return innermost instanceof Object && 'message' in innermost ? String(innermost.message) : String(innermost);
}
