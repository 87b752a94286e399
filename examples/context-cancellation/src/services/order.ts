import { withCancel } from '@patterns/context';
import { call } from './call.ts';
import { serve } from './serve.ts';

const inventory = process.env['INVENTORY_URL'] ?? 'http://127.0.0.1:8081';
const payment = process.env['PAYMENT_URL'] ?? 'http://127.0.0.1:8082';

/** Nobody has thought of gifts. */
const taxes: Readonly<Partial<Record<string, { readonly rate: number }>>> = {
  book: { rate: 0.07 },
  piano: { rate: 0.19 },
  yacht: { rate: 0.19 },
};

serve({
  /** Packs and charges at the same time. If one of them fails, the other is stopped on the way out of the block. */
  async orders(ctx, item) {
    using calls = withCancel(ctx);
    const [packed, charged] = await Promise.all([
      call(calls, `${inventory}/pack/${item}`),
      call(calls, `${payment}/charge/${item}`),
    ]);
    return { packed, charged, tax: (taxes[item] as { readonly rate: number }).rate };
  },
});
