import type { Context } from '@patterns/context';
import { defineError } from '@patterns/errors';

export class PriceError extends defineError('PriceError', {
  code: 'PRICE',
  kind: 'unavailable',
  message: ({ status }: { status: number }) => `the price service answered ${status}`,
}) {}

/** One call, without a thought of breakers: it takes the context it is given and says truthfully what went wrong. */
export async function getPrice(url: string, ctx: Context): Promise<string> {
  const response = await fetch(url, { signal: ctx.signal });
  const text = await response.text();
  if (!response.ok) throw new PriceError({ status: response.status });
  return text;
}
