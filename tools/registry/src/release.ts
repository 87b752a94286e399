import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { readPublicPackages, type PublicPackage } from './public-packages.ts';
import type { Registry } from './registry.ts';
import type { RunCommand } from './run-command.ts';

export interface Release extends PublicPackage {
  readonly versionBefore: string;
}

/**
 * Raises the versions by the pending changesets, as a release does.
 *
 * @returns every public package; the version of one with no pending change stays
 */
export async function raiseVersions(workspace: string, run: RunCommand): Promise<Release[]> {
  const before = await readPublicPackages(workspace);
  const planFile = 'rehearsed-release.json';
  await run(tool(workspace, 'changeset'), ['status', `--output=${planFile}`], { cwd: workspace });
  const plan = JSON.parse(await readFile(join(workspace, planFile), 'utf8')) as {
    readonly releases: readonly { readonly name: string; readonly newVersion: string }[];
  };
  await run(tool(workspace, 'changeset'), ['version'], { cwd: workspace });

  const after = new Map((await readPublicPackages(workspace)).map(({ name, version }) => [name, version]));
  return before.map(({ name, version: versionBefore }) => {
    const planned = plan.releases.find((release) => release.name === name)?.newVersion ?? versionBefore;
    const version = after.get(name);
    if (version !== planned) throw new Error(`${name}: changesets plan ${planned}, but the manifest says ${version}`);
    return { name, version, versionBefore };
  });
}

/** Builds and publishes, and holds what the registry then has against `releases`. */
export async function publish(
  workspace: string,
  releases: readonly Release[],
  registry: Registry,
  run: RunCommand,
): Promise<void> {
  await writeFile(join(workspace, '.npmrc'), registry.npmrc, { flag: 'a' });
  await run(
    tool(workspace, 'nx'),
    ['run-many', '--targets=build', '--projects=tag:npm:public', '--outputStyle=static'],
    {
      cwd: workspace,
      // A daemon and detached plugin workers would outlive the build.
      env: { NX_DAEMON: 'false', NX_ISOLATE_PLUGINS: 'false', NX_NATIVE_COMMAND_RUNNER: 'false', NX_TUI: 'false' },
    },
  );
  // Changesets ask for the registry of a scope in this way only, and would take the public one for their own.
  const env = { [`npm_config_${registry.scope}:registry`]: registry.url };
  await run(tool(workspace, 'changeset'), ['publish', '--no-git-tag'], { cwd: workspace, env });

  for (const { name, version } of releases) {
    const published = await registry.latestVersion(name);
    if (published !== version) {
      throw new Error(`${name}: the release is ${version}, but the registry has ${published ?? 'nothing'}`);
    }
  }
}

function tool(workspace: string, name: string): string {
  return join(workspace, 'node_modules/.bin', name);
}
