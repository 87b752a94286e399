export { callListener, reportListenerError } from './call-listener.ts';
export { CancellationListener } from './cancellation-listener.ts';
export { checkCancellation } from './to-context.ts';
export { checkClock } from './check-clock.ts';
export { clearTimer } from './clear-timer.ts';
export { asyncDisposeWith, disposeWith } from './dispose-with.ts';
export { delegatesTo } from './foreign-context.ts';
export { diagnosticsChannel, type DiagnosticsChannel } from './diagnostics-channel.ts';
