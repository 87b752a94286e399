import { getEventListeners } from 'node:events';
import { warningsOf } from './warnings-of.ts';

function listenTwelveTimes(): void {
  const { signal } = new AbortController();
  for (let n = 0; n < 12; n++) signal.addEventListener('abort', () => undefined);
  expect(getEventListeners(signal, 'abort')).toHaveLength(12);
}

describe('warningsOf', () => {
  it('gives what Node.js itself warns of, which Jest keeps from its sandbox', async () => {
    const warnings = await warningsOf(listenTwelveTimes);
    expect(warnings.map(({ name }) => name)).toEqual(['MaxListenersExceededWarning']);
  });

  it('gives none that came before or after, also where it fails', async () => {
    expect(await warningsOf(() => undefined)).toEqual([]);
    await expect(warningsOf(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    listenTwelveTimes();
    await new Promise((resolve) => setImmediate(resolve));
    expect(await warningsOf(async () => Promise.resolve())).toEqual([]);
  });
});
