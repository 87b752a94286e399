import { constants } from 'node:os';
import { shutdownContext, ShutdownError } from '@patterns/context/process';
import { as } from '@patterns/errors';
import { manyPages } from './many-pages.ts';
import { sigterm } from './sigterm.ts';
import { slowConsumer } from './slow-consumer.ts';
import { twoTenants } from './two-tenants.ts';

using shutdown = shutdownContext();

try {
  for (const tell of [manyPages, twoTenants, slowConsumer, sigterm]) await tell(shutdown);
} catch (error) {
  const interrupted = as(shutdown.cause, ShutdownError);
  if (interrupted === undefined) throw error;
  process.exitCode = 128 + constants.signals[interrupted.signal];
}
