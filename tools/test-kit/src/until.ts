/**
 * Turns the event loop until it has come to that. Not for ever: a loop would outlive its test, and keep Jest from ending.
 *
 * @param isSo asked once a turn
 * @throws {Error} after 30 s
 */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 30_000;
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error('it has not come to that in 30 s');
    await new Promise(setImmediate);
  }
}
