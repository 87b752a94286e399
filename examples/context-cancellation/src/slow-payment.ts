import { check, say, scene, youShouldSee } from '@patterns-tools/narrator';
import { withTimeout, type Context } from '@patterns/context';
import { order } from './client.ts';
import type { Fleet } from './fleet.ts';

/** When the deadline passes, everybody stops. */
export async function slowPayment(fleet: Fleet, ctx: Context): Promise<void> {
  scene('A payment that takes too long');
  say(
    'A client orders a yacht and gives it 3 seconds. The bank would look at that for 20 seconds, and packing takes as ' +
      'long.',
  );
  youShouldSee('all three services stop within that time; the client hears 504 of the last.');
  fleet.beginScene();

  using checkout = withTimeout(ctx, 3_000, { name: 'checkout' });
  // It listens a little longer than the services have, to hear what they say.
  const { status, problem } = await order(fleet.url, 'yacht', checkout, ctx);
  await fleet.ended(ctx, '/pack/yacht', '/charge/yacht', '/orders/yacht');

  check(status === 504, `the client got ${status}: ${String(problem.title)}`);
  check(fleet.happenings.filter(({ event }) => event === 'stopped').length === 3, 'all three services stopped');
  check(
    fleet.happenings.every((happening) => happening.event !== 'stopped' || happening.afterMs < 10_000),
    'nobody went on for the 20 seconds that nobody was waiting for',
  );
}
