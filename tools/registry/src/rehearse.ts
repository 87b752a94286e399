import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { cacheFolder } from './cached-install.ts';
import { childEnvironment } from './child-environment.ts';
import { allConsumers } from './consumers.ts';
import { installProject } from './install-project.ts';
import { fetchNodeBinaries, nodeMajors } from './node-binaries.ts';
import { startRegistry } from './registry.ts';
import { publish, raiseVersions } from './release.ts';
import { commandRunner } from './run-command.ts';
import { table } from './table.ts';
import { withTemporaryFolder } from './temporary-folder.ts';
import { makeThrowawayCopy } from './throwaway-copy.ts';
import { openToolbox } from './toolbox.ts';
import { useEverywhere } from './use-everywhere.ts';

export interface RehearsalOptions {
  readonly workspaceRoot: string;
  /** Packages to be used by consumers, with or without their scope; all of them if empty. All are published anyway. */
  readonly packages: readonly string[];
  /** Whether the registry stays up, until `signal` is aborted. */
  readonly keep: boolean;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

const scope = '@patterns';

/**
 * Releases a copy of the workspace to a registry of its own, and uses every package from there in every way that is promised.
 *
 * @returns whether all of it worked
 */
export async function rehearse({ workspaceRoot, packages, keep, signal, log }: RehearsalOptions): Promise<boolean> {
  return withTemporaryFolder(async (temporary) => {
    await mkdir(join(temporary, 'tmp'));
    const run = commandRunner({ env: childEnvironment(process.env, join(temporary, 'tmp')), signal });
    const cache = cacheFolder(process.env);
    const stage = stageLogger(log);

    const toolbox = await stage('the tools of the consumers', () => openToolbox(cache, run));
    const nodeBinaries = await stage('other versions of Node.js', () => fetchNodeBinaries(cache, run));
    const registry = await stage('a registry', () => startRegistry(join(temporary, 'registry'), scope));
    try {
      const copy = join(temporary, 'workspace');
      await stage('a copy of the workspace', () => makeThrowawayCopy(workspaceRoot, copy, run));
      const releases = await stage('versions', () => raiseVersions(copy, run));
      for (const { name, versionBefore, version } of releases) {
        log(
          `  ${name} ${versionBefore === version ? `${version}, no pending change` : `${versionBefore} -> ${version}`}`,
        );
      }
      await stage('build and publish', () => publish(copy, releases, registry, run));

      const used = select(releases, packages);
      const attempts = used.map((release) => ({
        packageName: release.name,
        install: () =>
          installProject(join(temporary, 'projects', release.name.slice(scope.length + 1)), release, registry, run),
      }));
      const consumers = allConsumers(toolbox, nodeBinaries);
      const { rows, passed } = await stage('consumers', () =>
        useEverywhere(attempts, consumers, run, (packageName, consumer, message) => {
          if (!signal.aborted) log(`\n${packageName}, ${consumer}: FAILED\n${message}\n`);
        }),
      );
      signal.throwIfAborted();

      log(
        `\n${table(
          used.map(({ name }) => name),
          rows,
        )}`,
      );
      if (nodeBinaries.size === 0)
        log(`\nNot run on ${process.platform}-${process.arch}: Node ${nodeMajors.join(', ')}`);
      if (keep) await keepUp(registry.npmrc, signal, log);
      return passed;
    } finally {
      await registry.stop();
    }
  });
}

function stageLogger(log: (line: string) => void) {
  return async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const start = performance.now();
    const result = await work();
    log(`${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
    return result;
  };
}

function select<T extends { readonly name: string }>(releases: readonly T[], wanted: readonly string[]): readonly T[] {
  if (wanted.length === 0) return releases;
  return wanted.map((name) => {
    const release = releases.find((candidate) => candidate.name === name || candidate.name === `${scope}/${name}`);
    if (release === undefined) {
      throw new Error(`--package ${name}: there are only ${releases.map((candidate) => candidate.name).join(', ')}`);
    }
    return release;
  });
}

async function keepUp(npmrc: string, signal: AbortSignal, log: (line: string) => void): Promise<void> {
  log(`\nThe registry stays up until Ctrl-C. To install from it elsewhere, put this in an .npmrc there:\n\n${npmrc}`);
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}
