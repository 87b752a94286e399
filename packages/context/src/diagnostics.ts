/** On `patterns:<package>:listener-error`: a callback of yours threw, or a clock that was to clear a timer; the call went on. If nobody listens there, `process.emitWarning` is called, once for each callback. */
export interface ListenerErrorMessage {
  /** `name` of the instance. */
  readonly name: string | undefined;
  /** The option or function it was given to, for example `'onRetry'`. */
  readonly listener: string;
  readonly error: unknown;
}

/**
 * Channel name to message, for `node:diagnostics_channel`. As in every package: nothing is built or measured without a subscriber, the state is complete before anyone is told,
 * and what a subscriber throws becomes an uncaught exception (Node's rule).
 */
export interface ContextDiagnostics {
  /** Once for a deadline that ended a context, not for its children. `name` is the deadline's. */
  readonly 'patterns:context:deadline-exceeded': {
    readonly name: string | undefined;
    readonly timeoutMs: number | undefined;
  };
  /** A `shutdownContext` of that name heard a signal: the first, which cancels it, or the second, which may also be the end of its grace. */
  readonly 'patterns:context:shutdown': {
    readonly name: string | undefined;
    readonly signal: SignalName;
    readonly second: boolean;
  };
  readonly 'patterns:context:listener-error': ListenerErrorMessage;
}

/** Written out: these declarations have to compile where the types of Node are not installed. */
export type SignalName =
  | 'SIGABRT'
  | 'SIGALRM'
  | 'SIGBUS'
  | 'SIGCHLD'
  | 'SIGCONT'
  | 'SIGFPE'
  | 'SIGHUP'
  | 'SIGILL'
  | 'SIGINT'
  | 'SIGIO'
  | 'SIGIOT'
  | 'SIGKILL'
  | 'SIGPIPE'
  | 'SIGPOLL'
  | 'SIGPROF'
  | 'SIGPWR'
  | 'SIGQUIT'
  | 'SIGSEGV'
  | 'SIGSTKFLT'
  | 'SIGSTOP'
  | 'SIGSYS'
  | 'SIGTERM'
  | 'SIGTRAP'
  | 'SIGTSTP'
  | 'SIGTTIN'
  | 'SIGTTOU'
  | 'SIGUNUSED'
  | 'SIGURG'
  | 'SIGUSR1'
  | 'SIGUSR2'
  | 'SIGVTALRM'
  | 'SIGWINCH'
  | 'SIGXCPU'
  | 'SIGXFSZ'
  | 'SIGBREAK'
  | 'SIGLOST'
  | 'SIGINFO';
