import { withValue, type Cancellation, type Context } from '@patterns/context';
import { inject } from '@patterns/context/http';
import type { ProblemDetails } from '@patterns/errors';
import { orderId } from './services/order-id.ts';

export interface Answer {
  readonly status: number;
  /** What went wrong, if something did. */
  readonly problem: Partial<ProblemDetails>;
}

/** Orders an item, with the time that `ctx` has left. `signal` says until when the client listens for the answer. */
export async function order(url: string, item: string, ctx: Context, signal: Cancellation = ctx): Promise<Answer> {
  const headers = inject(withValue(ctx, orderId, item.toUpperCase()), new Headers(), [orderId]);
  const response = await fetch(`${url}/orders/${item}`, {
    method: 'POST',
    headers,
    signal: 'signal' in signal ? signal.signal : signal,
  });
  return { status: response.status, problem: (await response.json()) as Partial<ProblemDetails> };
}
