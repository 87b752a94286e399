import { sleep, withCancel, withTimeout } from '@patterns/context';
import { VirtualClock } from '@patterns/context/testing';
import { permanent, transient } from '@patterns/errors';
import { attempts, retry, sequence, type GiveUpEvent, type GiveUpReason, type RetryOptions } from '@patterns/retry';
import fc from 'fast-check';

/** A random program: what the attempts do, what the policy allows, and when the caller gives up. */
interface Program {
  readonly outcomes: readonly Outcome[];
  readonly delays: readonly number[];
  readonly maxAttempts: number;
  readonly maxElapsedMs: number;
  readonly maxRetryAfterMs: number;
  readonly withdrawals: number;
  /** A quarter past, so that nothing else happens at the same time; the same for half past. */
  readonly deadlineMs: number;
  readonly cancelAtMs: number;
}
interface Outcome {
  readonly kind: 'value' | 'error' | 'permanent' | 'refused' | 'pushback';
  readonly tookMs: number;
  readonly retryAfterMs: number;
}
/** What can be seen from outside. */
interface Trace {
  readonly callsAt: number[];
  readonly settledAt: number;
  readonly ending: 'value' | 'refused' | 'error' | 'canceled' | 'deadline';
  /** Of the last attempt. */
  readonly last: number;
  readonly reason: GiveUpReason | undefined;
}

const cancelReason = { because: 'enough' };

/** The rules in the order of the documentation, with the time as a number. */
function expected(program: Program): Trace {
  const { outcomes, delays, maxAttempts, maxElapsedMs, maxRetryAfterMs, deadlineMs, cancelAtMs } = program;
  const doneAt = Math.min(deadlineMs, cancelAtMs);
  const gaveUp = cancelAtMs < deadlineMs ? 'canceled' : 'deadline';
  const callsAt: number[] = [];
  let withdrawals = program.withdrawals;
  let now = 0;
  if (doneAt <= 0) return { callsAt, settledAt: 0, ending: gaveUp, last: 0, reason: 'canceled' };
  for (;;) {
    const outcome = outcomes[callsAt.length] as Outcome;
    callsAt.push(now);
    now += outcome.tookMs;
    const attempt = callsAt.length;
    const end = (reason: GiveUpReason): Trace => ({
      callsAt,
      settledAt: now,
      ending: reason === 'canceled' ? gaveUp : outcome.kind === 'refused' ? 'refused' : 'error',
      last: attempt,
      reason,
    });
    if (outcome.kind === 'value') return { callsAt, settledAt: now, ending: 'value', last: attempt, reason: undefined };
    if (doneAt <= now) return end('canceled');
    if (outcome.kind === 'permanent') return end('not-retryable');
    if (attempt === maxAttempts) return end('attempts');
    const planned = delays[attempt - 1];
    if (planned === undefined) return end('attempts');
    const pushedBack = outcome.kind === 'pushback';
    if (pushedBack && outcome.retryAfterMs > maxRetryAfterMs) return end('retry-after');
    const until = now + (pushedBack ? outcome.retryAfterMs : planned);
    if (until > maxElapsedMs) return end('elapsed');
    if (until >= deadlineMs) return end('deadline');
    if (withdrawals-- === 0) return end('budget');
    now = Math.min(until, doneAt);
    if (doneAt < until) return end('canceled');
  }
}

async function observed(program: Program, form: 'call' | 'loop'): Promise<Trace> {
  const clock = new VirtualClock();
  const caller = program.deadlineMs === Infinity ? withCancel() : withTimeout(undefined, program.deadlineMs, { clock });
  if (program.cancelAtMs <= 0) caller.cancel(cancelReason);
  else if (program.cancelAtMs < Infinity)
    clock.setTimeout(() => {
      caller.cancel(cancelReason);
    }, program.cancelAtMs);

  const callsAt: number[] = [];
  const errors = program.outcomes.map((_, index) => new Error(String(index + 1)));
  const operation = async (): Promise<{ attempt: number; refused: boolean }> => {
    const attempt = callsAt.push(clock.now());
    const { kind, tookMs, retryAfterMs } = program.outcomes[attempt - 1] as Outcome;
    const error = errors[attempt - 1] as Error;
    if (tookMs > 0) await sleep(tookMs, { clock });
    if (kind === 'error') throw error;
    if (kind === 'permanent') throw permanent(error);
    if (kind === 'pushback') throw transient(error, { retryAfterMs });
    return { attempt, refused: kind === 'refused' };
  };

  let given: GiveUpEvent | undefined;
  let withdrawals = program.withdrawals;
  const options: RetryOptions = {
    signal: caller,
    clock,
    backoff: sequence(program.delays),
    maxAttempts: program.maxAttempts,
    maxElapsedMs: program.maxElapsedMs,
    maxRetryAfterMs: program.maxRetryAfterMs,
    budget: { record: () => undefined, tryWithdraw: () => withdrawals-- > 0 },
    onGiveUp: (event) => (given = event),
  };
  const call =
    form === 'call'
      ? retry(operation, { ...options, retryResultIf: ({ refused }) => refused })
      : (async () => {
          for await (const attempt of attempts(options)) {
            try {
              return await operation();
            } catch (error) {
              attempt.failed(error);
            }
          }
          throw new Error('the loop ended without an outcome');
        })();
  const settled = call.then(
    ({ refused }): Pick<Trace, 'ending' | 'settledAt'> => ({
      ending: refused ? 'refused' : 'value',
      settledAt: clock.now(),
    }),
    (error: unknown): Pick<Trace, 'ending' | 'settledAt'> => {
      const isLast = error === errors[callsAt.length - 1];
      const ending = isLast ? 'error' : error === cancelReason ? 'canceled' : 'deadline';
      if (ending === 'deadline' && error !== caller.err) throw error;
      return { ending, settledAt: clock.now() };
    },
  );
  await clock.runAll();
  caller.cancel();
  if (clock.pending > 0) throw new Error(`${clock.pending} timers left behind`);
  return { callsAt, last: callsAt.length, reason: given?.reason, ...(await settled) };
}

const ms = fc.integer({ min: 1, max: 40 });
const rarely = <T>(arbitrary: fc.Arbitrary<T>, usually: T): fc.Arbitrary<T> =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(usually) }, { weight: 1, arbitrary });
const program = (kinds: readonly Outcome['kind'][]): fc.Arbitrary<Program> =>
  fc.record({
    outcomes: fc
      .array(
        fc.record({
          kind: fc.constantFrom(...kinds),
          tookMs: fc.oneof(fc.constant(0), ms),
          retryAfterMs: ms,
        }),
        { maxLength: 7 },
      )
      .map((outcomes) => [...outcomes, { kind: 'value' as const, tookMs: 0, retryAfterMs: 0 }]),
    delays: fc.array(ms, { maxLength: 8 }),
    maxAttempts: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.constant(Infinity)),
    maxElapsedMs: rarely(fc.integer({ min: 0, max: 150 }), Infinity),
    maxRetryAfterMs: rarely(ms, 60_000),
    withdrawals: rarely(fc.integer({ min: 0, max: 4 }), 100),
    deadlineMs: rarely(
      fc.integer({ min: -1, max: 150 }).map((at) => at + 0.25),
      Infinity,
    ),
    cancelAtMs: rarely(
      fc.integer({ min: -1, max: 150 }).map((at) => at + 0.5),
      Infinity,
    ),
  });

describe('any program of outcomes, delays, deadlines and cancellations', () => {
  it('ends as the documentation says, by retry', async () => {
    await fc.assert(
      fc.asyncProperty(
        program(['error', 'error', 'error', 'refused', 'pushback', 'permanent', 'value']),
        async (given) => {
          expect(await observed(given, 'call')).toEqual(expected(given));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('ends as the documentation says, by attempts', async () => {
    await fc.assert(
      fc.asyncProperty(program(['error', 'error', 'error', 'pushback', 'permanent', 'value']), async (given) => {
        expect(await observed(given, 'loop')).toEqual(expected(given));
      }),
      { numRuns: 1_000 },
    );
  });
});
