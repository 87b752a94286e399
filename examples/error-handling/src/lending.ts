import { readFile } from 'node:fs/promises';
import { as, is, wrap } from '@patterns/errors';
import { BookNotFound, OnLoan } from './library-errors.ts';

export interface Book {
  readonly title: string;
  readonly pages: number;
  readonly onLoanTo?: string;
}

/** The lowest layer: files. Its errors are those of Node.js, and it leaves them alone. */
async function readShelf(id: string): Promise<string> {
  return readFile(new URL(`../shelf/${id}.book`, import.meta.url), 'utf8');
}

/** The layer between: books. It knows what a missing file means, and keeps the reason as the cause. */
async function findBook(id: string): Promise<Book> {
  try {
    return JSON.parse(await readShelf(id)) as Book;
  } catch (error) {
    if (is(error, 'ENOENT')) throw new BookNotFound({ id }, { cause: error });
    throw wrap(error, `reading '${id}'`);
  }
}

/** The highest layer: lending. It only says what it was doing, for whom. */
export async function lend(id: string, reader: string): Promise<string> {
  try {
    const { title, onLoanTo } = await findBook(id);
    if (onLoanTo !== undefined) throw new OnLoan({ title, to: onLoanTo });
    return `${title} for ${reader}`;
  } catch (error) {
    throw wrap(error, `lending to ${reader}`, { details: { reader } });
  }
}

/** What a reader is told, who knows nothing of layers. */
export function explain(error: unknown): string {
  const missing = as(error, BookNotFound);
  if (missing !== undefined) return `We do not have '${missing.details.id}'.`;
  const loan = as(error, OnLoan);
  if (loan !== undefined) return `${loan.details.to} has it. Ask again next week.`;
  return 'Something is wrong with us. Somebody has been told.';
}
