import { RateLimitError } from '@patterns/ratelimit';

import { area, row } from '../area.ts';

export default area('ratelimit', [
  row({
    work: 'a refusal',
    limit: () => new Error('rate limit exceeded'),
    ours: () => new RateLimitError('limit', 5),
  }),
]);
