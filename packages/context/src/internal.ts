export { callListener, reportListenerError } from './call-listener.ts';
export { checkAnswer } from './check-answer.ts';
export { CancellationListener } from './cancellation-listener.ts';
export { checkCancellation } from './to-context.ts';
export {
  checkCallback,
  checkFunction,
  checkMs,
  checkNumber,
  checkOneOf,
  checkSize,
  checkText,
  checkType,
} from './check-option.ts';
export { checkClock } from './check-clock.ts';
export { clockOf } from './clock-of.ts';
export { clearTimer } from './clear-timer.ts';
export { endIfOverdue } from './end-if-overdue.ts';
export { asyncDisposeWith, disposeWith } from './dispose-with.ts';
export { diagnosticsChannel, type DiagnosticsChannel } from './diagnostics-channel.ts';
export { readHeader, type HeaderSource } from './header-source.ts';
export { isPromise } from './is-promise.ts';
export { isPromiseLike } from './is-promise-like.ts';
export { markDelegating } from './mark-delegating.ts';
export { shown } from './shown.ts';
export { toleranceMs } from './tolerance.ts';
export { lookAfter, whenSettled } from './when-settled.ts';
