/** On `patterns:<package>:listener-error`: a callback of yours threw; the call went on. If nobody listens there, `process.emitWarning` is called, once for each callback. */
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
  readonly 'patterns:context:listener-error': ListenerErrorMessage;
}
