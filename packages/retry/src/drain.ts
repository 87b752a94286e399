/** So much is read of a response that nobody wants: a connection is worth that, but not more. */
const drainedBytes = 4096;
/** Nor is it worth waiting for longer, when the server stalls in the middle of the body. */
export const drainTimeoutMs = 250;

/** Reads the rest of the body, so that its connection is used again; gives it up if that is too much or takes too long. Never rejects. */
export async function drain(response: Response, timeoutMs: number): Promise<void> {
  try {
    const body = response.body as Partial<ReadableStream<Uint8Array>> | null | undefined;
    // Locked: somebody else reads it.
    if (body == null || body.locked === true) return;
    if (typeof body.getReader === 'function') await readRest(body.getReader(), timeoutMs);
    else discard(response);
  } catch {
    // The connection is gone: then there is nothing to save.
  }
}

async function readRest(reader: ReadableStreamDefaultReader<Uint8Array>, timeoutMs: number): Promise<void> {
  // Ends a read that is pending.
  const limit = setTimeout(() => {
    reader.cancel().catch(ignore);
  }, timeoutMs);
  try {
    let left = drainedBytes;
    while (left >= 0) {
      const { done, value } = await reader.read();
      if (done) {
        // undici tells of the end in the middle of reading the socket, and has another connection made for who calls before it is through.
        if (typeof setImmediate === 'function') await new Promise((resolve) => setImmediate(resolve));
        return;
      }
      left -= value.byteLength;
    }
    await reader.cancel();
  } finally {
    clearTimeout(limit);
  }
}

/** Gives the connection up. Never throws. */
export function discard(response: Response): void {
  try {
    const body = response.body as { cancel?(): Promise<void>; destroy?(): void } | null | undefined;
    // A stream of the web, or one of Node, which other implementations have.
    if (typeof body?.cancel === 'function') body.cancel().catch(ignore);
    else body?.destroy?.();
  } catch {
    // There is none to be had.
  }
}

function ignore(): void {
  // It was locked, or gone already.
}
