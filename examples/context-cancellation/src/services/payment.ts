import { sleep } from '@patterns/context';
import { call } from './call.ts';
import { serve } from './serve.ts';

const inventory = process.env['INVENTORY_URL'] ?? 'http://127.0.0.1:8081';

serve({
  /** Large sums are looked at by somebody at the bank. Then the inventory may give the item away. */
  async charge(ctx, item) {
    await sleep(item === 'yacht' ? 20_000 : 40, { signal: ctx });
    await call(ctx, `${inventory}/release/${item}`);
    return { charged: item };
  },
});
