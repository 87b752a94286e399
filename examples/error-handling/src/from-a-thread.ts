import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { check, say, scene, youShouldSee } from '@patterns-tools/narrator';
import { as, deserialize, details, is } from '@patterns/errors';
import { DamagedPage } from './library-errors.ts';

/** An error of a worker thread keeps its class, its causes and its data on the way here. */
export async function fromAThread(): Promise<unknown> {
  scene('From a worker thread');
  say('A thread reads Ulysses, and fails at page 7. It posts its error twice: as it is, and serialised.');
  youShouldSee('that only the second one is still what it was.');

  const worker = new Worker(new URL('page-reader.worker.mjs', import.meta.url));
  const [{ bare, serialized }] = (await once(worker, 'message')) as [{ bare: unknown; serialized: unknown }];
  await worker.terminate();
  const error = deserialize(serialized);
  console.log(`\n  as it is    ${String(bare)}`);
  console.log(`  serialised  ${String(error)}\n`);

  check(!is(bare, DamagedPage), 'posted as it is, it has a text, but neither class nor code any more');
  check(
    is(error, DamagedPage) && as(error, DamagedPage)?.details.page === 7,
    'serialised, it is a DamagedPage again, with the number of the page',
  );
  check(is(error, RangeError), 'with its cause');
  check(
    JSON.stringify(details(error)).includes('[redacted]'),
    'and without the secret that somebody had put into its details',
  );
  return error;
}
