import { availableParallelism } from 'node:os';

import type { Consumer, Project } from './consumer.ts';
import type { RunCommand } from './run-command.ts';
import type { Row, Verdict } from './table.ts';

export interface Attempt {
  readonly packageName: string;
  readonly install: () => Promise<Project>;
}

export interface Report {
  readonly rows: readonly Row[];
  readonly passed: boolean;
}

/**
 * Installs every package and lets every consumer use it, several at a time.
 *
 * @param onFailure gets the message of each failure as it happens
 */
export async function useEverywhere(
  attempts: readonly Attempt[],
  consumers: readonly Consumer[],
  run: RunCommand,
  onFailure: (packageName: string, consumer: string, message: string) => void,
): Promise<Report> {
  const measure = async (packageName: string, consumer: string, use: () => Promise<void>): Promise<Verdict> => {
    const start = performance.now();
    const seconds = () => (performance.now() - start) / 1000;
    try {
      await use();
      return { kind: 'ok', seconds: seconds() };
    } catch (error) {
      onFailure(
        packageName,
        consumer,
        error instanceof Object && 'message' in error ? String(error.message) : String(error),
      );
      return { kind: 'failed', seconds: seconds() };
    }
  };

  const projects = new Map<string, Project>();
  const installs = await mapConcurrently(attempts, ({ packageName, install }) =>
    measure(packageName, 'npm install', async () => {
      projects.set(packageName, await install());
    }),
  );

  const useOne = async (consumer: Consumer, packageName: string): Promise<Verdict> => {
    const project = projects.get(packageName);
    if (project === undefined) return { kind: 'not run' };
    if (consumer.appliesTo?.(project) === false) return { kind: 'not claimed' };
    return measure(packageName, consumer.name, () => consumer.use(project, run));
  };
  /** Each takes its part of the time. Undefined if it fails. */
  const useAllAtOnce = async (consumer: Consumer): Promise<Verdict | undefined> => {
    if (projects.size < attempts.length || consumer.useAll === undefined) return undefined;
    const start = performance.now();
    try {
      await consumer.useAll([...projects.values()], run);
    } catch {
      return undefined;
    }
    return { kind: 'ok', seconds: (performance.now() - start) / 1000 / attempts.length };
  };

  const [together, alone] = [new Map<Consumer, Verdict>(), [] as Consumer[]];
  await mapConcurrently(consumers, async (consumer) => {
    const verdict = await useAllAtOnce(consumer);
    if (verdict !== undefined) together.set(consumer, verdict);
    else alone.push(consumer);
  });
  // Also where all at once have failed: this says which of them it is.
  const uses = alone.flatMap((consumer) => attempts.map(({ packageName }) => ({ consumer, packageName })));
  const verdicts = await mapConcurrently(uses, ({ consumer, packageName }) => useOne(consumer, packageName));

  const rows: Row[] = [
    { consumer: 'npm install', verdicts: installs },
    ...consumers.map((consumer) => {
      const verdict = together.get(consumer);
      const first = alone.indexOf(consumer) * attempts.length;
      return {
        consumer: consumer.name,
        verdicts: verdict === undefined ? verdicts.slice(first, first + attempts.length) : attempts.map(() => verdict),
      };
    }),
  ];
  const passed = rows.every((row) => row.verdicts.every(({ kind }) => kind === 'ok' || kind === 'not claimed'));
  return { rows, passed };
}

async function mapConcurrently<T, R>(items: readonly T[], map: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const work = async () => {
    // The workers share the iterator: each takes the next item that nobody has.
    for (const [index, item] of queue) results[index] = await map(item);
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), 8) }, work));
  return results;
}
