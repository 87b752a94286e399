import { at, check, say, scene, youShouldSee } from '@patterns-tools/narrator';
import { withTimeout, type Context } from '@patterns/context';
import { order } from './client.ts';
import type { Fleet } from './fleet.ts';

/** A service that is told to end in the middle of a request says so, and ends. */
export async function sigterm(fleet: Fleet, ctx: Context): Promise<void> {
  scene('SIGTERM in the middle');
  say('While the bank looks at another yacht, the payment service is deployed anew: it gets a SIGTERM.');
  youShouldSee('it gives up the payment and ends by itself; the client hears 503 at once, not after 20 seconds.');
  fleet.beginScene();

  using checkout = withTimeout(ctx, 20_000, { name: 'checkout' });
  const answer = order(fleet.url, 'yacht', checkout);
  const begun = (path: string): Promise<void> =>
    fleet.until(ctx, (happening) => happening.event === 'begins' && happening.path === path);
  await Promise.all([begun('/charge/yacht'), begun('/pack/yacht')]);
  at(fleet.elapsed(), 'payment   is sent SIGTERM');
  const exitCode = await fleet.terminate('payment', ctx);
  const { status, problem } = await answer;
  await fleet.ended(ctx, '/orders/yacht', '/pack/yacht');

  check(exitCode === 0, 'the payment service ended by itself, with exit code 0');
  check(status === 503 && problem['code'] === 'ERR_SHUTDOWN', `the client got ${status}, and why: try again later`);
  check(checkout.remaining() > 10_000, 'it was told at once');
}
