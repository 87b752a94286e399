import { PatternError, register, type ErrorKind, type PatternErrorOptions } from '@patterns/errors';

/**
 * The body was a stream and has been read. Pass a buffer, or make the body in `prepare`. `cause` is what the attempt failed with, if it was
 * an error. Kind `bug`.
 */
export class BodyNotReplayableError extends PatternError {
  static readonly code = 'ERR_BODY_NOT_REPLAYABLE';
  static override readonly kind: ErrorKind = 'bug';

  declare readonly code: 'ERR_BODY_NOT_REPLAYABLE';

  constructor(
    message: string = 'the body has been read and cannot be sent again',
    options?: Omit<PatternErrorOptions, 'code'>,
  ) {
    super(message, { ...options, code: BodyNotReplayableError.code });
  }
}

register(BodyNotReplayableError);
