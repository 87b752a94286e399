import { check, say, scene, youShouldSee } from '@patterns-tools/narrator';
import { withTimeout, type Context } from '@patterns/context';
import { order } from './client.ts';
import type { Fleet } from './fleet.ts';

/** One deadline for all three services, with time to spare. */
export async function happyPath(fleet: Fleet, ctx: Context): Promise<void> {
  scene('One deadline for everybody');
  say(
    'A client orders a book and gives it 10 seconds. The order service asks inventory and payment at the same time, and ' +
      'payment asks inventory to let the book go. Each of them is told how much time is left, less 50 ms for the way.',
  );
  youShouldSee('four pieces of work, each with less time than the one that asked for it.');
  fleet.beginScene();

  using checkout = withTimeout(ctx, 10_000, { name: 'checkout' });
  const { status } = await order(fleet.url, 'book', checkout);

  const begun = fleet.happenings.filter(({ event }) => event === 'begins');
  const leftMs = (path: string): number => {
    const happening = begun.find((begins) => 'path' in begins && begins.path === path);
    return happening?.event === 'begins' ? happening.leftMs : NaN;
  };
  check(status === 200 && checkout.remaining() > 0, `the client has its book, and time left`);
  check(
    leftMs('/orders/book') <= 10_000 &&
      leftMs('/pack/book') < leftMs('/orders/book') &&
      leftMs('/charge/book') < leftMs('/orders/book') &&
      leftMs('/release/book') < leftMs('/charge/book'),
    'each hop had less time than the one before',
  );
  check(
    begun.length === 4 && begun.every((happening) => happening.event === 'begins' && happening.order === 'BOOK'),
    'all of them knew the number of the order',
  );
}
