/** So much is read of a response that nobody wants: a connection is worth that, but not more. */
const drainedBytes = 4096;
/** Nor is it worth waiting for longer, when the server stalls in the middle of the body. */
export const drainTimeoutMs = 250;

/** Reads the rest of the body, so that its connection is used again; cancels it if that is too much or takes too long. Never rejects. */
export async function drain(response: Response, timeoutMs: number): Promise<void> {
  // Locked: somebody else reads it.
  if (response.body === null || response.body.locked) return;
  const reader = response.body.getReader() as ReadableStreamDefaultReader<Uint8Array>;
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
  } catch {
    // The connection is gone: then there is nothing to save.
  } finally {
    clearTimeout(limit);
  }
}

/** Gives the connection up. */
export function discard(response: Response): void {
  response.body?.cancel().catch(ignore);
}

function ignore(): void {
  // It was locked, or gone already.
}
