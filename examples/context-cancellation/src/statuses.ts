import { check, say, scene, youShouldSee } from '@patterns-tools/narrator';
import { withTimeout, type Context } from '@patterns/context';
import { order } from './client.ts';
import type { Fleet } from './fleet.ts';

/** Whose fault it was can be told from the status. */
export async function statuses(fleet: Fleet, ctx: Context): Promise<void> {
  scene('499 and 504 are not 500');
  say('Nobody has thought of gifts: the order service has a bug. And one client has no time at all.');
  youShouldSee('500 for the bug, 504 for the order that was too late before it began, and who is to blame for what.');
  fleet.beginScene();

  using checkout = withTimeout(ctx, 20_000, { name: 'checkout' });
  const bug = await order(fleet.url, 'gift', checkout);
  const tooLate = await fetch(`${fleet.url}/orders/book`, {
    method: 'POST',
    headers: { 'x-request-timeout-ms': '0' },
    signal: ctx.signal,
  });
  await tooLate.body?.cancel();
  await fleet.ended(ctx, '/orders/gift', '/orders/book');

  check(bug.status === 500, 'a bug is 500: somebody of ours has to get up');
  check(!JSON.stringify(bug.problem).includes('rate'), 'what the bug was stays in the log of the service');
  check(tooLate.status === 504, 'out of time is 504: the deadline was too short, or somebody too slow');
  check(
    fleet.happenings.every((happening) => !('path' in happening) || happening.path !== '/pack/book'),
    'work that was too late was not begun: nobody was asked to pack the book',
  );
  say('And 499 above: the client left. Nothing is wrong, and nobody reads the answer.');
}
