import { at, check, say, scene, youShouldSee } from '@patterns-tools/narrator';
import { withTimeout, type Context } from '@patterns/context';
import { order } from './client.ts';
import type { Fleet } from './fleet.ts';

/** A client that goes away stops work three services away. */
export async function hangingUp(fleet: Fleet, ctx: Context): Promise<void> {
  scene('A client that hangs up');
  say(
    'A client orders a piano, with 20 seconds. Order asks payment, payment asks inventory, and there somebody carries ' +
      'a piano down the stairs, three services away from the client. Then the client closes the page.',
  );
  youShouldSee('the end goes from service to service: 499 at each of them, though no deadline has passed.');
  fleet.beginScene();

  using page = withTimeout(ctx, 20_000, { name: 'page' });
  const answer = order(fleet.url, 'piano', page).catch((error: unknown) => error);
  await fleet.until(
    ctx,
    ({ event, ...rest }) => event === 'begins' && 'path' in rest && rest.path === '/release/piano',
  );
  at(fleet.elapsed(), 'client    closes the page');
  page.cancel(new Error('page closed'));
  await answer;

  const chain = ['/orders/piano', '/charge/piano', '/release/piano'];
  await fleet.ended(ctx, ...chain);
  const stops = fleet.happenings.filter((happening) => happening.event === 'stopped');
  check(
    chain.every((path) => stops.some((stop) => stop.path === path && stop.status === 499)),
    'order, payment and inventory stopped with 499, the last one three services away',
  );
  check(
    stops.every(({ afterMs }) => afterMs < 10_000),
    'the piano stays where it is: nobody carries it for the 20 seconds',
  );
}
