import { Ratelimit } from '@patterns/ratelimit';

import { area, row } from '../area.ts';
import { ratio } from '../target.ts';

const policy = new Ratelimit();
let running = 0;

/** What has to happen: a count that goes up, and down again. */
async function limit<T>(operation: () => Promise<T>): Promise<T> {
  if (running >= 10) throw new RangeError('full');
  running += 1;
  try {
    return await operation();
  } finally {
    running -= 1;
  }
}

const succeed = () => Promise.resolve(1);

export default area('ratelimit', [
  row({
    work: 'a call that runs',
    limit: () => limit(succeed),
    ours: () => policy.execute(succeed),
    target: ratio(1.5),
  }),
]);
