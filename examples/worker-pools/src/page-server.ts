import type { RequestListener, ServerResponse } from 'node:http';
import { listen, type Listening } from './listen.ts';

export interface PageServer extends Listening {
  /** Their paths, as they came. */
  readonly requests: readonly string[];
  /** That it works on. */
  readonly inFlight: number;
  readonly mostInFlight: number;
}

/** Has a page at each path, and keeps the books. `work` is what it has to do for one. */
export async function startPageServer(work: (path: string) => Promise<unknown>): Promise<PageServer> {
  const requests: string[] = [];
  const inFlight = new Set<ServerResponse>();
  let mostInFlight = 0;

  const answer: RequestListener = (request, response) => {
    const path = request.url ?? '/';
    requests.push(path);
    inFlight.add(response);
    mostInFlight = Math.max(mostInFlight, inFlight.size);
    response.on('close', () => inFlight.delete(response));
    void work(path).then(() => {
      // Before the answer: whoever has it may ask for the next page at once.
      inFlight.delete(response);
      response.end(`This is ${path}.`);
    });
  };

  const { url, [Symbol.asyncDispose]: dispose } = await listen(answer);
  return {
    url,
    requests,
    get inFlight() {
      return inFlight.size;
    },
    get mostInFlight() {
      return mostInFlight;
    },
    [Symbol.asyncDispose]: dispose,
  };
}
