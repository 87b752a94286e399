// Works on jobs of a queue until there are none, or until a signal comes. What it has accepted is then completed or handed back.
import { afterFunc } from '@patterns/context';
import { shutdownContext } from '@patterns/context/process';
import { TaskPool } from '@patterns/pool';
import { getPage } from '../get-page.ts';
import { acceptJob, completeJob, handBackJob } from './jobs.ts';
import { report } from './report.ts';

const pages = process.env['PAGES_URL'] ?? '';
const mostWaiting = 8;
/** For what runs when the signal comes. Shorter than the patience of whoever sends it. */
const graceMs = 1_000;

using shutdown = shutdownContext();
const pool = new TaskPool({ name: 'worker', concurrency: 4 });
/** Jobs from the moment they are ours until the queue knows what has become of them. */
const accepted = new TaskPool({ name: 'accepted', concurrency: Infinity });
let completed = 0;
let handedBack = 0;

afterFunc(shutdown, () => {
  report({ event: 'shutting-down', why: String(shutdown.cause), running: pool.active, waiting: pool.size });
});

try {
  while (!shutdown.done) {
    await pool.whenBelow(mostWaiting, { signal: shutdown });
    const job = await acceptJob();
    if (job === undefined) {
      await pool.idle({ signal: shutdown });
      break;
    }
    const page = pool.run((ctx) => getPage(`${pages}/${job}`, ctx));
    accepted.go(() => settle(job, page));
  }
} catch (error) {
  if (error !== shutdown.cause) throw error;
}

// What waits is refused at once; what runs has its grace, and is then told to stop.
await pool.close({ drain: false, timeoutMs: graceMs });
await accepted.wait();
report({ event: 'ended', accepted: accepted.stats().submitted, completed, handedBack });

/** Tells the queue one of the two, and once. */
async function settle(job: number, page: Promise<string>): Promise<void> {
  try {
    await page;
  } catch {
    await handBackJob(job);
    handedBack++;
    return;
  }
  await completeJob(job);
  completed++;
}
