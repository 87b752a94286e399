import { classify, walk } from '@patterns/errors';

/** undici says these in the cause of its TypeError, and nowhere else. */
const finalMessages: ReadonlySet<unknown> = new Set([
  // A port that is blocked.
  'bad port',
  // Redirects: too many, one where none was wanted, or one to where `fetch` does not go.
  'redirect count exceeded',
  'unexpected redirect',
  'URL scheme must be a HTTP(S) scheme',
  'cross origin not allowed for request mode "cors"',
  'URL cannot contain credentials for request mode "cors"',
]);

/** A header or an option that undici refuses only when it is about to send the request. */
const finalCodes: ReadonlySet<unknown> = new Set([
  'UND_ERR_INVALID_ARG',
  'UND_ERR_NOT_SUPPORTED',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
]);

/** Whether what `fetch` threw is the same each time: the request is not one that can be sent, or the certificate is not trusted. */
export function isFinal(error: unknown): boolean {
  if (isRefusal(error)) return true;
  for (const node of walk(error)) {
    if (saysSo(node)) return true;
  }
  return false;
}

/** An invalid URL, header or option. By name, as the TypeError of another realm is another class. */
function isRefusal(error: unknown): boolean {
  try {
    return (error as Error).name === 'TypeError' && classify(error).kind === 'bug';
  } catch {
    // What cannot be read says nothing.
    return false;
  }
}

function saysSo(node: unknown): boolean {
  try {
    const { code, message } = node as { readonly code?: unknown; readonly message?: unknown };
    return finalMessages.has(message) || finalCodes.has(code) || isUntrusted(code);
  } catch {
    return false;
  }
}

/** Of the codes about permissions all but those of the operating system are about certificates. */
function isUntrusted(code: unknown): boolean {
  return code !== 'EACCES' && code !== 'EPERM' && typeof code === 'string' && classify({ code }).kind === 'auth';
}
