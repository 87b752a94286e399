import { Boom } from '@hapi/boom';
import { as, defineError, is, wrap } from '@patterns/errors';
import ModernError from 'modern-errors';
import VError from 'verror';

import { area, row } from '../area.ts';
import { fasterThan, ratio } from '../target.ts';

// --- An expected refusal ---

const Refused = defineError('Refused', {
  code: 'BENCH_REFUSED',
  kind: 'throttled',
  message: 'rate limit exceeded',
  stack: false,
});

/** The least that makes a native error without a stack. */
class StacklessError extends Error {
  override readonly name = 'Refused';
  readonly code = 'BENCH_REFUSED';
  constructor(message: string) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Passes `instanceof Error` and looks like one, but is none to whoever asks the engine: `util.types.isNativeError`, `structuredClone`. */
class LookalikeError {
  readonly name = 'Refused';
  readonly code = 'BENCH_REFUSED';
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}
Object.setPrototypeOf(LookalikeError.prototype, Error.prototype);

const RefusedModernError = ModernError.subclass('RefusedModernError', { props: { code: 'BENCH_REFUSED' } });

// --- A chain of causes ---

class DiskError extends Error {
  override readonly name = 'DiskError';
  readonly code = 'BENCH_DISK';
}
const disk = new DiskError('disk full');

/** The target under ten errors that wrap one another. */
function chain(wrapOnce: (cause: Error, depth: number) => Error): Error {
  let error: Error = disk;
  for (let depth = 1; depth <= 10; depth++) error = wrapOnce(error, depth);
  return error;
}
/** The limit walks it too: instances of deeper classes cost `instanceof` more. */
const ourChain = chain((cause, depth) => wrap(cause, `level ${depth}`));
const verrorChain = chain((cause, depth) => new VError(cause, 'level %d', depth));

/** What wrapping costs as soon as it has a class of its own. */
class WrappedByHand extends Error {
  readonly code = 'BENCH_WRAPPED';
  constructor(message: string, cause: Error) {
    super(`${message}: ${cause.message}`, { cause });
  }
}

function findDiskError(error: unknown): DiskError | undefined {
  for (let node = error; node !== undefined; node = (node as Error).cause) {
    if (node instanceof DiskError) return node;
  }
  return undefined;
}

function hasCode(error: unknown, code: string): boolean {
  for (let node = error; node !== undefined; node = (node as Error).cause) {
    if ((node as DiskError).code === code) return true;
  }
  return false;
}

export default area('errors', [
  row({
    work: 'create without stack',
    limit: () => new StacklessError('rate limit exceeded'),
    ours: () => new Refused(),
    peers: {
      'no native error': () => new LookalikeError('rate limit exceeded'),
      'new Error, ten frames': () => new Error('rate limit exceeded'),
      '@hapi/boom': () => new Boom('rate limit exceeded', { statusCode: 429 }),
      verror: () => new VError({ name: 'Refused' }, 'rate limit exceeded'),
      'modern-errors': () => new RefusedModernError('rate limit exceeded'),
    },
    target: ratio(1.1).andTimes('new Error, ten frames', 8),
  }),
  row({
    work: 'wrap a cause',
    limit: () => new Error(`read config: ${disk.message}`, { cause: disk }),
    ours: () => wrap(disk, 'read config'),
    peers: {
      'a subclass of Error by hand': () => new WrappedByHand('read config', disk),
      '@hapi/boom': () => new Boom('read config', { data: disk }),
      verror: () => new VError(disk, 'read config'),
      'modern-errors': () => new ModernError('read config', { cause: disk }),
    },
    target: ratio(1.2),
  }),
  row({
    work: 'find a cause at depth 10, by class',
    limit: () => findDiskError(ourChain),
    ours: () => as(ourChain, DiskError),
    peers: { 'verror, by name': () => VError.findCauseByName(verrorChain, 'DiskError') },
    target: ratio(2).andFasterThan('verror, by name'),
  }),
  row({
    work: 'find a cause at depth 10, by code',
    limit: () => hasCode(ourChain, 'BENCH_DISK'),
    ours: () => is(ourChain, 'BENCH_DISK'),
    peers: { 'verror, by name': () => VError.hasCauseWithName(verrorChain, 'DiskError') },
    target: fasterThan('verror, by name'),
  }),
]);
