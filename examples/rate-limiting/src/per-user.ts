import { check, say, scene, youShouldSee } from '@patterns-tools/narrator';
import { fixedWindow, gcra, KeyedRateLimiter } from '@patterns/ratelimit';
import { startLimitedApi } from './limited-api.ts';
import { load, type Answers } from './load.ts';

const free = fixedWindow({ name: 'free', limit: 100, windowMs: 3_600_000 });
/** A new permit every 3.6 s, or 1000 at once. */
const paid = gcra({ name: 'paid', limit: 1_000, windowMs: 3_600_000 });

/** A limit per user, by plan, on a server under load. */
export async function perUser(): Promise<void> {
  scene('A limit per user, over HTTP');
  say(
    'An API gives free users 100 requests an hour, and those who pay 1000. A load generator (autocannon) sends requests ' +
      'of three users over ten connections, as fast as it can, and counts the answers.',
  );
  youShouldSee('each user get what the plan says, whatever the others do.');

  const users = new KeyedRateLimiter({ name: 'users', algorithm: (user) => (user === 'eve' ? paid : free) });
  await using api = await startLimitedApi(users);

  console.log('\n  user   plan    sent  passed  refused');
  const ann = await told(api.url, 'ann', 'free', 500);
  const bob = await told(api.url, 'bob', 'free', 60);
  const eve = await told(api.url, 'eve', 'paid', 500);
  console.log();

  const refusal = await fetch(api.url, { headers: { 'x-user': 'ann' } });
  say(`ann is told the rule, and when to come back: ${refusal.headers.get('ratelimit-policy') ?? ''}`);
  check(ann.passed === 100 && ann.refused === 400, 'of 500 requests of ann 100 were let through, exactly');
  check(bob.passed === 60 && bob.refused === 0, 'bob, who asked for less than the limit, was not refused');
  check(eve.passed === 500 && eve.refused === 0, 'eve pays, and was not refused');
  check(
    refusal.status === 429 && Number(refusal.headers.get('retry-after')) > 3_000,
    'Retry-After sends ann away for the rest of the hour',
  );
}

async function told(url: string, user: string, plan: string, amount: number): Promise<Answers> {
  const answers = await load(url, amount, () => user);
  const cells = [answers.sent, answers.passed, answers.refused].map((count, n) =>
    String(count).padStart([6, 8, 9][n] ?? 0),
  );
  console.log(`  ${user.padEnd(7)}${plan}  ${cells.join('')}`);
  return answers;
}
