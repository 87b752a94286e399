import { sleep } from '@patterns/context';
import { serve } from './serve.ts';

serve({
  /** Big things take long. */
  async pack(ctx, item) {
    await sleep(item === 'yacht' ? 20_000 : 30, { signal: ctx });
    return { packed: item };
  },
  /** The last piano has to come down from the fifth floor. */
  async release(ctx, item) {
    await sleep(item === 'piano' ? 20_000 : 10, { signal: ctx });
    return { released: item };
  },
});
