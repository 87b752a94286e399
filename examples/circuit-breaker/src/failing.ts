import { at, check, say, scene, youShouldSee } from '@patterns-tools/narrator';
import { BreakerOpenError, CircuitBreaker, consecutiveFailures } from '@patterns/breaker';
import { background, sleep } from '@patterns/context';
import { startFlakyDependency, type Health } from './flaky-dependency.ts';
import { getPrice } from './get-price.ts';
import { Timeline } from './timeline.ts';

const everyMs = 25;
const phases: readonly (readonly [Health, number])[] = [
  ['well', 16],
  ['down', 36],
  ['well', 16],
];

/** The same calls to the same dependency, once without a breaker and once with one and a fallback. */
export async function failing(): Promise<void> {
  scene('A dependency that dies and recovers');
  say('A price is asked for every 25 ms. The service works, is down for a second, and works again.');
  youShouldSee('every caller get an answer, and a dead service that is left alone, but for a trial now and then.');

  const without = await requestsWithout();
  say(`Without a breaker: ${without} requests while it was down, each of which failed its caller.`);

  await using dependency = await startFlakyDependency();
  const started = performance.now();
  const breaker = new CircuitBreaker({
    name: 'prices',
    trip: consecutiveFailures(3),
    openMs: 200,
    onStateChange({ from, to, reason }) {
      at(performance.now() - started, `${from} > ${to} (${reason})`);
    },
  });
  const timeline = new Timeline();
  let refused: BreakerOpenError | undefined;
  let answers = 0;
  let whileDown = 0;
  for (const [health, calls] of phases) {
    dependency.health = health;
    const before = dependency.requests;
    for (let call = 0; call < calls; call++) {
      try {
        await breaker.execute((ctx) => getPrice(dependency.url, ctx));
      } catch (error) {
        // The fallback: the last price known.
        if (error instanceof BreakerOpenError) refused = error;
      }
      answers++;
      timeline.add(breaker.state);
      await sleep(everyMs);
    }
    if (health === 'down') whileDown = dependency.requests - before;
  }

  say('The state after each call: - closed, # open, ? half-open.');
  say(String(timeline));
  check(answers === 68, 'every caller got an answer, the last price known if there was no other');
  check(whileDown <= without / 2, `the dead service saw ${whileDown} requests instead of ${without}`);
  check(refused?.cause !== undefined && refused.retryAfterMs <= 200, 'a refusal says when to come back, and why');
  check(breaker.state === 'closed', 'it closed again by itself when the service was back');
}

async function requestsWithout(): Promise<number> {
  await using dependency = await startFlakyDependency();
  dependency.health = 'down';
  for (let call = 0; call < 36; call++)
    await getPrice(dependency.url, background()).catch(() => 'the last price known');
  return dependency.requests;
}
