import { at, check, say, scene, youShouldSee } from '@patterns-tools/narrator';
import { sleep, withTimeout, type Context } from '@patterns/context';
import { startJobQueue } from './job-queue.ts';
import { startPageServer } from './page-server.ts';
import { WorkerProcess } from './worker-process.ts';
import type { Report } from './worker/report.ts';

const jobs = 40;
const quick = 10;
const running = 4;
const waiting = 8;
/** Among those that run when the signal comes. */
const stuck = 13;

/** A worker process is deployed anew in the middle of its work. */
export async function sigterm(ctx: Context): Promise<void> {
  scene('SIGTERM with work in flight');
  say(
    `A worker process takes ${jobs} jobs from a queue: each is a page to fetch. After ${quick} of them the server is ` +
      'slow, the worker has its hands full, and gets a SIGTERM. One of the pages does not come in any reasonable time.',
  );
  youShouldSee('it completes what it can in a second, hands back the rest, and ends; another worker does that.');
  using limit = withTimeout(ctx, 30_000, { name: 'all that the scene waits for' });
  const started = performance.now();
  const tell = (text: string): void => {
    at(performance.now() - started, text);
  };

  let answerSlowPages!: () => void;
  const slowPages = new Promise<void>((resolve) => (answerSlowPages = resolve));
  let isStuck = true;
  await using pages = await startPageServer((path) => {
    const job = Number(path.slice(1));
    if (job === stuck && isStuck) return new Promise(() => undefined);
    return job <= quick ? Promise.resolve() : slowPages;
  });
  await using queue = await startJobQueue(jobs);
  const urls = { pages: pages.url, jobs: queue.url };

  await using first = new WorkerProcess(urls);
  const isBusy = (): boolean =>
    queue.completed.length === quick && queue.inHand.size >= running + waiting && pages.inFlight === running;
  while (!isBusy()) await sleep(10, { signal: limit });
  // In which it could take more than it should.
  await sleep(100, { signal: limit });
  const inHand = queue.inHand.size;
  tell(`${queue.accepted} jobs accepted, ${quick} completed; ${running} pages on their way: SIGTERM`);
  first.terminate();
  tell(text(await first.hear(limit)));
  answerSlowPages();
  const end = await first.hear(limit);
  tell(text(end));
  const exitCode = await first.exited(limit);
  const { accepted, handedBack } = queue;
  const completed = queue.completed.length;

  check(inHand === running + waiting, `it never accepted more than it had places for: ${running} run, ${waiting} wait`);
  check(exitCode === 0, 'it ended by itself, with exit code 0');
  check(
    accepted === completed + handedBack,
    `nothing is lost: ${accepted} accepted = ${completed} completed + ${handedBack} handed back`,
  );
  check(queue.inHand.size === 0, 'the queue knows of each job what has become of it');
  check(
    end.event === 'ended' && end.accepted === accepted && end.completed === completed && end.handedBack === handedBack,
    'the worker counts as the queue does',
  );
  check(!queue.completed.includes(stuck), 'the page that did not come was given up, and its job handed back');

  isStuck = false;
  await using second = new WorkerProcess(urls);
  tell(`another worker: ${text(await second.hear(limit))}`);
  check((await second.exited(limit)) === 0, 'another worker found the rest, and ended when there was no more');
  check(
    queue.completed.length === jobs && new Set(queue.completed).size === jobs,
    `all ${jobs} jobs are done, each of them once`,
  );
}

function text(report: Report): string {
  if (report.event === 'shutting-down') {
    return `${report.why}; ${report.running} jobs run and ${report.waiting} wait`;
  }
  return `ended: ${report.accepted} accepted, ${report.completed} completed, ${report.handedBack} handed back`;
}
