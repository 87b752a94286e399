import type { Context } from '@patterns/context';
import { defineError } from '@patterns/errors';
import { parseRetryAfter } from '@patterns/retry';

export interface Order {
  readonly id: number;
  readonly state: string;
}

/** `retryAfterMs` is all that the server has to say to a retry: it replaces the next delay. */
export class StatusError extends defineError('StatusError', {
  code: 'STATUS',
  kind: 'unavailable',
  message: ({ status }: { status: number }) => `the server answered ${status}`,
}) {}

/** One call, without a thought of retrying: it takes the context it is given and says truthfully what went wrong. */
export async function getOrder(url: string, ctx: Context): Promise<Order> {
  const response = await fetch(url, { signal: ctx.signal });
  if (response.ok) return (await response.json()) as Order;
  await response.body?.cancel();
  throw new StatusError(
    { status: response.status },
    { retryAfterMs: parseRetryAfter(response.headers.get('retry-after')) },
  );
}
