import { check, ProgressBar, say, scene, youShouldSee } from '@patterns-tools/narrator';
import { sleep, type Context } from '@patterns/context';
import { TaskPool } from '@patterns/pool';
import { getPage } from './get-page.ts';
import { startPageServer } from './page-server.ts';

const pages = 300;
const concurrency = 12;

/** Many pages, and a server that is never asked for more than so many at a time. */
export async function manyPages(ctx: Context): Promise<void> {
  scene(`${pages} pages, ${concurrency} at a time`);
  say('A server takes 10 to 40 ms for a page. It is asked for all of them, with bounded concurrency.');
  youShouldSee(`each page fetched once, and never more than ${concurrency} at the same time: the server counts.`);

  await using server = await startPageServer((path) => sleep(10 + ((Number(path.slice(1)) * 7) % 31)));
  await using pool = new TaskPool({ name: 'crawler', concurrency, signal: ctx });
  const numbers = Array.from({ length: pages }, (_, index) => index + 1);
  const fetched = new Set<string>();
  {
    using bar = new ProgressBar(pages);
    // As they come: a slow page holds up nobody's progress.
    for await (const page of pool.map(numbers, (n, task) => getPage(`${server.url}/${n}`, task), { ordered: false })) {
      fetched.add(page);
      bar.advance();
    }
  }

  const { requests, mostInFlight } = server;
  check(fetched.size === pages, `${fetched.size} different pages have come`);
  check(
    requests.length === pages && new Set(requests).size === pages,
    `the server saw ${requests.length} requests, one for each page`,
  );
  check(
    mostInFlight > 1 && mostInFlight <= concurrency,
    `it never worked on more than ${concurrency} at the same time: at most on ${mostInFlight}`,
  );
  check(pool.active === 0 && pool.stats().completed === pages, 'nothing runs any more, and the pool has counted, too');
}
