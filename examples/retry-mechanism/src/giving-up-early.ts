import { at, check, say, scene, youShouldSee } from '@patterns-tools/narrator';
import { withCancel } from '@patterns/context';
import { constant, retry } from '@patterns/retry';
import { getOrder } from './get-order.ts';
import { startScriptedServer, unavailable } from './scripted-server.ts';

/** A client that is told to stop in the middle of a long backoff stops then and there. */
export async function givingUpEarly(): Promise<void> {
  scene('Stopping in the middle of a backoff');
  say('The server is down. The client means to wait half a minute between attempts, but loses interest after 200 ms.');
  youShouldSee('one attempt, and the end 200 ms later: not half a minute later, and not after one more attempt.');

  await using server = await startScriptedServer(unavailable(30));
  using ctx = withCancel();
  const started = performance.now();
  const elapsed = (): number => performance.now() - started;
  const lostInterest = new Error('the user closed the page');
  try {
    await retry((attempt) => getOrder(server.url, attempt), {
      signal: ctx,
      maxAttempts: 5,
      backoff: constant(30_000),
      onRetry({ delayMs }) {
        at(elapsed(), `attempt 1 failed; trying again in ${delayMs / 1_000} s`);
        setTimeout(() => {
          at(elapsed(), 'cancelled');
          ctx.cancel(lostInterest);
        }, 200);
      },
    });
    check(false, 'it was cancelled');
  } catch (error) {
    at(elapsed(), 'stopped');
    check(error === lostInterest, "it ended with the caller's own reason, untouched");
  }
  check(elapsed() < 1_000, 'it stopped at once');
  check(server.requests === 1, `the server saw ${server.requests} request`);
}
