import { inspect } from 'node:util';
import { ledger } from './ledger.ts';

/**
 * Says that `promise` has to be settled when the test ends; `failOnLeaks` then asks. It is returned as it came, and not handled: an unhandled rejection stays one.
 *
 * @param name for the message
 */
export function track<P extends Promise<unknown>>(promise: P, name = 'promise'): P {
  ledger.add({ what: `unsettled ${name}`, isAlive: () => isPending(promise) }, track);
  return promise;
}

/** Only the inspector can tell without adding a reaction. */
function isPending(promise: Promise<unknown>): boolean {
  return /\{\s*<pending>/.test(inspect(promise, { depth: 0, customInspect: false }));
}
