import { fileURLToPath } from 'node:url';
import { check, say, scene, youShouldSee } from '@patterns-tools/narrator';
import { attach, ensureError, format, join, wrap } from '@patterns/errors';
import { caught } from './caught.ts';
import { lend } from './lending.ts';

/** One error with everything that belongs to it, for a human. */
export async function wholeChain(fromThread: unknown): Promise<void> {
  scene('The whole chain');
  say(
    'At the end of the day the log has one error: two things went wrong at once, and closing up did not work either.',
  );
  youShouldSee('the tree: causes below what they caused, joined errors side by side, data, codes and stacks.');

  const evening = wrap(join(await caught(() => lend('dubliners', 'Ada')), fromThread), 'closing the day');
  attach(ensureError(evening), new Error('the door is stuck'));
  const text = format(evening);
  console.log(`\n${fit(text)}\n`);

  const parts = ['closing the day', 'BookNotFound', 'ENOENT', 'DamagedPage', 'letter 300 of 256', 'the door is stuck'];
  check(
    parts.every((part) => text.includes(part)),
    'all of them are there, down to the file system and the other thread',
  );
  check(/at .*lending\.ts/.test(text), 'with the lines of this program where they came from');
  check(!text.includes('a secret of the scanner'), 'and no secret');
}

/** Paths from here, and lines that fit. */
function fit(text: string): string {
  const here = new URL('..', import.meta.url);
  return text
    .replaceAll(here.href, '')
    .replaceAll(fileURLToPath(here), '')
    .replaceAll(fileURLToPath(new URL('../..', here)), '')
    .split('\n')
    .map((line) => `  ${line}`)
    .map((line) => (line.length > 80 ? `${line.slice(0, 79)}…` : line))
    .join('\n');
}
