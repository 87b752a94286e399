import { check, say, scene, youShouldSee } from '@patterns-tools/narrator';
import { fixedWindow, KeyedRateLimiter } from '@patterns/ratelimit';
import { startLimitedApi } from './limited-api.ts';
import { load } from './load.ts';

const maxKeys = 200;

/** Names made up by the thousand: memory is bounded, and who is limited stays so. */
export async function flood(): Promise<void> {
  scene('A flood of made up users');
  say(
    `The limiter remembers ${maxKeys} users at most. Mallory has used up her limit and keeps asking, hidden among 2000 requests ` +
      'of users that nobody has seen before.',
  );
  youShouldSee(`no more than ${maxKeys} users remembered, and her still refused, each time.`);

  const users = new KeyedRateLimiter({ algorithm: fixedWindow({ limit: 5, windowMs: 3_600_000 }), maxKeys });
  await using api = await startLimitedApi(users);
  for (let n = 0; n < 5; n++) users.check('mallory');
  const mixed = await load(api.url, 2_000, (n) => (n % 50 === 0 ? 'mallory' : `made up ${n}`));

  console.log(
    `\n  ${mixed.sent} requests: ${mixed.passed} passed, ${mixed.refused} refused; ${users.size} users remembered\n`,
  );
  check(mixed.refused === 40, 'all 40 of her requests were refused: she was not forgotten');
  check(mixed.passed === 1_960, 'everybody else was let through');
  check(users.size === maxKeys, 'memory stayed within its bound');
}
