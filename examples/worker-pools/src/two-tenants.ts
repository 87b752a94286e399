import { check, say, scene, youShouldSee } from '@patterns-tools/narrator';
import { sleep, type Context } from '@patterns/context';
import { TaskPool, type TaskPoolOptions } from '@patterns/pool';
import { getPage } from './get-page.ts';
import { startPageServer } from './page-server.ts';

const concurrency = 4;
const ofChain = 50;
const ofShop = 6;

/** Two customers share a pool, and one of them has ten times the work. */
export async function twoTenants(ctx: Context): Promise<void> {
  scene('Two tenants, and something urgent');
  say(
    `A chain orders ${ofChain} reports at once. A moment later the shop at the corner orders ${ofShop}. ` +
      `${concurrency} are made at a time.`,
  );
  youShouldSee('the shop wait for the whole chain, then get its turns, then something urgent overtake everybody.');
  say('In the order they begin: . for the chain, # for the shop, ! urgent.');

  const fifo = await serve(ctx, 'fifo');
  console.log(`\n  as they came  ${fifo}`);
  const turns = await serve(ctx, 'round-robin');
  console.log(`  in turns      ${turns}`);
  const urgent = await serve(ctx, 'round-robin', '!');
  console.log(`  with priority ${urgent}`);

  check(fifo.indexOf('#') === ofChain, `as they came, the shop had to wait for all ${ofChain} reports of the chain`);
  check(
    turns.lastIndexOf('#') < concurrency + 2 * ofShop,
    `in turns, its last report was number ${turns.lastIndexOf('#') + 1}: every other one was its own`,
  );
  check(urgent.indexOf('!') === concurrency, 'the urgent one came last, and began as soon as a slot was free');
  check(
    [fifo, turns, urgent].every((begun) => begun.replaceAll('#', '').replaceAll('!', '').length === ofChain),
    'the chain had all of its reports, too',
  );
}

/** Who was served, in the order in which their reports were begun. */
async function serve(ctx: Context, fairness: TaskPoolOptions['fairness'], urgent = ''): Promise<string> {
  await using server = await startPageServer(() => sleep(5));
  await using pool = new TaskPool({ name: 'reports', concurrency, fairness, signal: ctx });
  await using orders = pool.group();
  let begun = '';
  const order = (tenant: string, priority = 0): void => {
    orders.go(
      (task) => {
        const number = begun.length;
        begun += tenant;
        return getPage(`${server.url}/report/${number}`, task);
      },
      { key: tenant, priority },
    );
  };

  for (const tenant of '.'.repeat(ofChain) + '#'.repeat(ofShop)) order(tenant);
  for (const tenant of urgent) order(tenant, 1);
  await orders.wait();
  return begun;
}
