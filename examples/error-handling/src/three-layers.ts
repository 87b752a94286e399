import { check, say, scene, youShouldSee } from '@patterns-tools/narrator';
import { as, classify, details, ensureError, is, root } from '@patterns/errors';
import { caught } from './caught.ts';
import { explain, lend } from './lending.ts';
import { BookNotFound, OnLoan } from './library-errors.ts';

/** An error goes up through files, books and lending, and every layer finds in it what it cares for. */
export async function threeLayers(): Promise<void> {
  scene('Up through three layers');
  say(
    'Lending reads books, books are files. Three readers come: for a book that is out, one that is not there, and one whose file is broken.',
  );
  youShouldSee(
    'for each one line for the log, with what every layer had to say, one for the reader, and the kind of failure it is.',
  );

  const faults = new Map<string, unknown>();
  for (const id of ['moby-dick', 'dubliners', 'ulysses']) {
    const error = await caught(() => lend(id, 'Ada'));
    faults.set(id, error);
    console.log(`\n  log     ${ensureError(error).message}`.slice(0, 80));
    console.log(`  reader  ${explain(error)}`);
    console.log(`  kind    ${classify(error).kind}`);
  }
  console.log();

  const missing = faults.get('dubliners');
  check(
    as(faults.get('moby-dick'), OnLoan)?.details.to === 'Ishmael',
    'as() finds the error of its type, with its data',
  );
  check(
    is(missing, BookNotFound) && is(missing, 'ENOENT'),
    'is() finds what the layer between made of it, and what the file system had said below',
  );
  check(
    as(root(missing), Error)?.message.startsWith('ENOENT') === true,
    'the root is the error of Node.js itself, untouched',
  );
  check(
    JSON.stringify(details(missing)) === '{"reader":"Ada","id":"dubliners"}',
    'details() gathers what the layers know: the reader from above, the book from below',
  );
  check(
    is(faults.get('ulysses'), SyntaxError) && !is(faults.get('ulysses'), BookNotFound),
    'a broken file is no missing book',
  );
}
