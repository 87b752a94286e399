import { constants } from 'node:os';
import { say, scene } from '@patterns-tools/narrator';
import { shutdownContext, ShutdownError } from '@patterns/context/process';
import { as } from '@patterns/errors';
import { Fleet } from './fleet.ts';
import { hangingUp } from './hanging-up.ts';
import { happyPath } from './happy-path.ts';
import { sigterm } from './sigterm.ts';
import { slowPayment } from './slow-payment.ts';
import { statuses } from './statuses.ts';

using shutdown = shutdownContext();
await using fleet = new Fleet();

try {
  scene('Three services, three processes');
  say('Client -> order -> inventory and payment, and payment -> inventory. Real HTTP, nothing shared but headers.');
  await fleet.start(shutdown);
  for (const tell of [happyPath, slowPayment, hangingUp, statuses, sigterm]) await tell(fleet, shutdown);
} catch (error) {
  const interrupted = as(shutdown.cause, ShutdownError);
  if (interrupted === undefined) throw error;
  process.exitCode = 128 + constants.signals[interrupted.signal];
}
