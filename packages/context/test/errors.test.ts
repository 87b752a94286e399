import { CanceledError, DeadlineExceededError, withCancel, withTimeout } from '@patterns/context';
import * as errors from '@patterns/errors';

class ClientGone extends errors.defineError('ClientGone', { code: 'CLIENT_GONE', kind: 'canceled' }) {}

describe('errors of contexts', () => {
  it('are of the kinds that the vocabulary has for them', () => {
    const canceled = withCancel();
    canceled.cancel();
    expect(errors.classify(canceled.err)).toEqual({ kind: 'canceled', retryable: false });
    expect(errors.classify(withTimeout(undefined, 0).err)).toEqual({ kind: 'timeout', retryable: true });
  });

  it('have the custom cause in their tree, which itself is no CanceledError', () => {
    const context = withCancel();
    context.cancel(new ClientGone());
    expect(errors.is(context.err, ClientGone)).toBe(true);
    expect(errors.is(context.err, CanceledError, 'ERR_CANCELED')).toBe(true);
    expect(errors.is(context.cause, CanceledError)).toBe(false);
  });

  it('come back over the wire as what they were', () => {
    const sent = withTimeout(undefined, 0, { name: 'checkout' }).err;
    const back = errors.deserialize(JSON.parse(JSON.stringify(errors.serialize(sent))));
    expect(back).toBeInstanceOf(DeadlineExceededError);
    expect(back).toMatchObject({
      name: 'TimeoutError',
      code: 'ERR_DEADLINE_EXCEEDED',
      message: 'deadline exceeded: checkout, 0 ms',
    });
    const canceled = errors.deserialize(JSON.parse(JSON.stringify(errors.serialize(new CanceledError()))));
    expect(canceled).toBeInstanceOf(CanceledError);
    expect(canceled.name).toBe('AbortError');
  });

  it('may be made by hand', () => {
    expect(new CanceledError()).toMatchObject({
      message: 'context canceled',
      name: 'AbortError',
      code: 'ERR_CANCELED',
    });
    const error = new DeadlineExceededError(undefined, { timeoutMs: 5, cause: 'why', policy: 'db', retryAfterMs: 7 });
    expect(error).toMatchObject({ message: 'deadline exceeded: 5 ms', cause: 'why', policy: 'db', retryAfterMs: 7 });
    expect(error.deadlineName).toBeUndefined();
    expect(new DeadlineExceededError('late').message).toBe('late');
    expect(String(new DeadlineExceededError())).toBe('TimeoutError: deadline exceeded');
  });
});
