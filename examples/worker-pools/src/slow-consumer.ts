import { at, check, say, scene, youShouldSee } from '@patterns-tools/narrator';
import { sleep, type Context } from '@patterns/context';
import { TaskPool } from '@patterns/pool';
import { getPage } from './get-page.ts';
import { startPageServer } from './page-server.ts';

const concurrency = 4;
const enough = 40;
/** Those in the pool, and the one that the consumer has in its hand. */
const mostAhead = concurrency + 1;

/** A source that never ends, a fast server, and somebody who takes his time. */
export async function slowConsumer(ctx: Context): Promise<void> {
  scene('An endless source and a slow consumer');
  say(
    'A feed has no end, and the server answers at once. The consumer reads one page in 15 ms, ' +
      `and has enough after ${enough}.`,
  );
  youShouldSee('the feed wait for the consumer, and all of it end when he leaves.');

  await using server = await startPageServer(() => Promise.resolve());
  await using pool = new TaskPool({ name: 'reader', concurrency, signal: ctx });
  const started = performance.now();
  let taken = 0;
  let consumed = 0;
  let ahead = 0;
  let timesClosed = 0;
  // eslint-disable-next-line @typescript-eslint/require-await -- a real one would wait for its next entry
  async function* feed(): AsyncGenerator<string, void> {
    try {
      for (;;) {
        taken++;
        ahead = Math.max(ahead, taken - consumed);
        yield `${server.url}/entry/${taken}`;
      }
    } finally {
      timesClosed++;
    }
  }

  let isInOrder = true;
  for await (const page of pool.map(feed(), getPage)) {
    await sleep(15, { signal: ctx });
    consumed++;
    isInOrder &&= page === `This is /entry/${consumed}.`;
    if (consumed % 10 === 0) at(performance.now() - started, `${consumed} pages read; ${taken} taken from the feed`);
    if (consumed === enough) break;
  }

  check(isInOrder, 'the pages came in the order of the feed');
  check(ahead <= mostAhead, `the feed was never more than ${ahead} ahead of the consumer`);
  check(
    timesClosed === 1 && pool.active === 0,
    'when he left, the feed was closed, and nothing runs on behind his back',
  );
  check(server.requests.length <= enough + mostAhead, `the server was asked for ${server.requests.length} pages`);
}
