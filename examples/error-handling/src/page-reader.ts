import { parentPort } from 'node:worker_threads';
import { serialize, wrap } from '@patterns/errors';
import { DamagedPage } from './library-errors.ts';

/** Reads a book page by page, in a thread of its own. */
function readPages(pages: number): void {
  for (let page = 1; page <= pages; page++) {
    if (page === 7) throw new DamagedPage({ page }, { cause: new RangeError('letter 300 of 256') });
  }
}

try {
  readPages(720);
} catch (error) {
  const failure = wrap(error, 'reading Ulysses', { details: { apiKey: 'a secret of the scanner', pages: 720 } });
  parentPort?.postMessage({ bare: failure, serialized: serialize(failure) });
}
