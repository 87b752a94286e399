import { setImmediate, setTimeout as realSetTimeout } from 'node:timers';
import { type Leak, ledger } from './ledger.ts';
import { HandleWatch } from './watch-handles.ts';
import { watchAbortListeners, watchEmitter } from './watch-listeners.ts';
import { pendingFakeTimers, watchTimers } from './watch-timers.ts';

export interface FailOnLeaksOptions {
  /** Emitters on which no listener may be left, by the name that the message gives them. `process` is always watched. */
  readonly emitters?: Readonly<Record<string, NodeJS.EventEmitter>>;
}

/** How long a closed socket, server or process may take to disappear. */
const HANDLE_GRACE_MS = 500;

/**
 * Fails each test, and in the end the file, that leaves something behind: a timer (also an `unref`ed or a fake one), a listener on an `AbortSignal`, on
 * `process` or on a given emitter, a server, socket, process, watcher or thread, a promise given to `track` that never settled.
 *
 * Called once, at the top of a test file. Its checks come after the file's own `afterEach` and `afterAll`, wherever those stand.
 * A test is measured against what was there when it began, the file against what was there at the call.
 */
export function failOnLeaks({ emitters = {} }: FailOnLeaksOptions = {}): void {
  const stops = [
    watchTimers(),
    watchAbortListeners(),
    watchEmitter(process, 'process'),
    ...Object.entries(emitters).map(([name, emitter]) => watchEmitter(emitter, name)),
  ];
  const fileHandles = new HandleWatch();
  const testHandles = new HandleWatch();
  let mark = 0;

  beforeEach(() => {
    mark = ledger.begin();
    testHandles.rebase();
  });

  const checkTest = async (): Promise<void> => {
    const leaks = await findLeaks(mark, testHandles);
    throwIfAny(leaks, `the test '${expect.getState().currentTestName ?? ''}'`);
  };

  const checkFile = async (): Promise<void> => {
    const leaks = await findLeaks(0, fileHandles);
    for (const stop of stops) stop();
    testHandles.stop();
    fileHandles.stop();
    throwIfAny(leaks, 'this file');
  };

  afterEach(checkTest);
  afterAll(checkFile);
  runLast([checkTest, checkFile]);
}

async function findLeaks(mark: number, handles: HandleWatch): Promise<Leak[]> {
  // Reactions of what the test settled last have their turn.
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  const leaks = ledger.takeLeaksSince(mark).filter(({ byRuntime }) => !byRuntime);
  const fakes = pendingFakeTimers();
  if (fakes > 0) leaks.push({ what: `${fakes} pending timer(s) of a fake clock`, origin: [], byRuntime: false });
  for (let waitedMs = 0; handles.excess > 0 && waitedMs < HANDLE_GRACE_MS; waitedMs += 5) {
    await new Promise((resolve) => {
      realSetTimeout(resolve, 5);
    });
  }
  return [...leaks, ...handles.leaks()];
}

function throwIfAny(leaks: readonly Leak[], who: string): void {
  if (leaks.length === 0) return;
  const list = leaks
    .slice(0, 10)
    .map(({ what, origin }) => [`  ${what}`, ...origin.map((line) => `      ${line}`)].join('\n'));
  if (leaks.length > 10) list.push(`  and ${leaks.length - 10} more`);
  const error = new Error(`${leaks.length} left behind by ${who}:\n\n${list.join('\n')}`);
  // The stack of the check tells nothing: the origins do.
  error.stack = `Error: ${error.message}`;
  throw error;
}

interface Hook {
  readonly fn: unknown;
}

/**
 * Jest runs hooks of one level in the order of their definition, so a check at the top of a file would come before the file's own clean-up.
 * The list of event handlers is what Jest feeds `handleTestEvent` of an environment from: by `run_start` all hooks are defined and none has run.
 */
function runLast(checks: readonly unknown[]): void {
  const handlers = (globalThis as Record<symbol, unknown>)[Symbol.for('EVENT_HANDLERS')] as
    ((event: { name: string }, state: { rootDescribeBlock: { hooks: Hook[] } }) => void)[] | undefined;
  handlers?.push(({ name }, { rootDescribeBlock: { hooks } }) => {
    if (name !== 'run_start') return;
    const isCheck = ({ fn }: Hook): boolean => checks.includes(fn);
    hooks.splice(0, hooks.length, ...hooks.filter((hook) => !isCheck(hook)), ...hooks.filter(isCheck));
  });
}
