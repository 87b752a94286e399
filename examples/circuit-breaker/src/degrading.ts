import { at, check, say, scene, youShouldSee } from '@patterns-tools/narrator';
import { CircuitBreaker, failureRate, lastCalls, slowRate, type TripRule } from '@patterns/breaker';
import { startFlakyDependency } from './flaky-dependency.ts';
import { getPrice } from './get-price.ts';

const window = { window: lastCalls(10), minimumCalls: 5, threshold: 0.5 };

/** Answers that are right and come too late: no failure rate sees them. */
export async function degrading(): Promise<void> {
  scene('A dependency that degrades');
  say('The service answers every request, but takes 120 ms instead of one. Its callers pile up all the same.');
  youShouldSee('the failure rate see nothing, and the slow-call rule open after five calls.');

  const blind = await callSlowly(failureRate(window));
  at(blind.elapsedMs, `failure rate: ${blind.made} of 12 calls made, ${blind.breaker.state}`);
  const seeing = await callSlowly(slowRate(window));
  at(seeing.elapsedMs, `slow-call rate: ${seeing.made} of 12 calls made, ${seeing.breaker.state}`);

  check(blind.breaker.state === 'closed' && blind.made === 12, 'the failure rate is 0: every call was made');
  check(seeing.breaker.state === 'open' && seeing.made === 5, 'the slow-call rule opened at the fifth slow answer');
  check(seeing.elapsedMs < blind.elapsedMs, 'the callers had their fallback sooner');
}

async function callSlowly(
  trip: TripRule,
): Promise<{ readonly breaker: CircuitBreaker; readonly made: number; readonly elapsedMs: number }> {
  await using dependency = await startFlakyDependency();
  dependency.health = 'slow';
  const breaker = new CircuitBreaker({ trip, slowCallMs: 60 });
  const started = performance.now();
  for (let call = 0; call < 12; call++) {
    await breaker.execute((ctx) => getPrice(dependency.url, ctx)).catch(() => 'the last price known');
  }
  return { breaker, made: dependency.requests, elapsedMs: performance.now() - started };
}
