import type { Context } from '@patterns/context';
import { defineError } from '@patterns/errors';

export class PageError extends defineError('PageError', {
  code: 'PAGE',
  kind: 'unavailable',
  message: ({ status }: { status: number }) => `the server answered ${status}`,
}) {}

/** One page, without a thought of pools: it takes the context it is given, and has all of the page when it returns. */
export async function getPage(url: string, ctx: Context): Promise<string> {
  const response = await fetch(url, { signal: ctx.signal });
  const text = await response.text();
  if (!response.ok) throw new PageError({ status: response.status });
  return text;
}
