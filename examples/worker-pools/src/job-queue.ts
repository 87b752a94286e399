import type { RequestListener } from 'node:http';
import { listen, type Listening } from './listen.ts';

/** Numbers of jobs, from 1. */
export interface JobQueue extends Listening {
  /** How often it has given away a job. */
  readonly accepted: number;
  /** How often it got one back. */
  readonly handedBack: number;
  /** As they were reported: a job that was done twice would be in it twice. */
  readonly completed: readonly number[];
  /** Accepted by a worker who has said nothing since. */
  readonly inHand: ReadonlySet<number>;
  readonly waiting: number;
}

/**
 * A queue of jobs for workers in other processes, over HTTP: `/accept` answers with the number of a job or with 204, `/complete/7` and `/hand-back/7` say how it went on.
 * A real one would do it in a database.
 */
export async function startJobQueue(jobs: number): Promise<JobQueue> {
  const waiting = Array.from({ length: jobs }, (_, index) => index + 1);
  const inHand = new Set<number>();
  const completed: number[] = [];
  let accepted = 0;
  let handedBack = 0;

  const answer: RequestListener = (request, response) => {
    const [, action, argument] = (request.url ?? '').split('/');
    if (action === 'accept') {
      const job = waiting.shift();
      if (job === undefined) {
        response.writeHead(204).end();
        return;
      }
      accepted++;
      inHand.add(job);
      response.end(String(job));
      return;
    }
    const job = Number(argument);
    // Nobody may speak of a job that he has not.
    const isTheirs = inHand.delete(job);
    if (isTheirs && action === 'complete') completed.push(job);
    if (isTheirs && action === 'hand-back') {
      handedBack++;
      waiting.push(job);
    }
    response.writeHead(isTheirs ? 200 : 409).end();
  };

  const { url, [Symbol.asyncDispose]: dispose } = await listen(answer);
  return {
    url,
    completed,
    inHand,
    get accepted() {
      return accepted;
    },
    get handedBack() {
      return handedBack;
    },
    get waiting() {
      return waiting.length;
    },
    [Symbol.asyncDispose]: dispose,
  };
}
