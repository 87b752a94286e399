import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { InstalledManifest, Project } from './consumer.ts';
import { layOut } from './lay-out.ts';
import type { PublicPackage } from './public-packages.ts';
import type { Registry } from './registry.ts';
import type { RunCommand } from './run-command.ts';
import { firstSnippet } from './snippet.ts';

/**
 * Installs one package, as somebody does who read about it: `npm install @patterns/x` in a project that has nothing else.
 *
 * @throws if anything else than packages of the registry's scope came with it, or if it came without a README
 */
export async function installProject(
  folder: string,
  { name, version }: PublicPackage,
  registry: Registry,
  run: RunCommand,
): Promise<Project> {
  await layOut(folder, { 'package.json': { private: true }, '.npmrc': registry.npmrc });
  await run('npm', ['install', name, '--loglevel=error'], { cwd: folder });

  const lock = JSON.parse(await readFile(join(folder, 'node_modules/.package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, unknown>>;
  };
  const strangers = Object.keys(lock.packages).filter((path) => !path.startsWith(`node_modules/${registry.scope}/`));
  if (strangers.length > 0) throw new Error(`brings third-party packages: ${strangers.join(', ')}`);

  const project = await readProject(folder, name);
  const installed = project.manifest.version;
  if (installed !== version) throw new Error(`${installed} was installed, ${version} was published`);
  return project;
}

/** What its users get to read of an installed package. */
export async function readProject(folder: string, packageName: string): Promise<Project> {
  const installed = join(folder, 'node_modules', packageName);
  const manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as InstalledManifest;
  const readme = await readFile(join(installed, 'README.md'), 'utf8').catch(() => {
    throw new Error('was published without README.md');
  });
  return { packageName, folder, manifest, snippet: firstSnippet(readme) };
}
