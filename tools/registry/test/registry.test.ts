import { join } from 'node:path';

import { childEnvironment } from '../src/child-environment.ts';
import { installProject } from '../src/install-project.ts';
import { layOut } from '../src/lay-out.ts';
import { startRegistry, type Registry } from '../src/registry.ts';
import { commandRunner } from '../src/run-command.ts';
import { fixtureName, layOutFixture, type Changes } from './fixture-package.ts';
import { testFolder } from './test-folder.ts';

// npm takes seconds when the machine has other work.
jest.setTimeout(60_000);

const folder = testFolder();
const run = commandRunner({ env: childEnvironment(process.env, folder), signal: new AbortController().signal });

let registry: Registry;
let count = 0;

beforeEach(async () => {
  registry = await startRegistry(join(folder, `registry-${(count += 1)}`), '@fixtures');
});

afterEach(async () => {
  await registry.stop();
});

async function publish(changes?: Changes): Promise<void> {
  const source = await layOutFixture(join(folder, `source-${count}`), changes);
  await layOut(source, { '.npmrc': registry.npmrc });
  await run('npm', ['publish', '--loglevel=error'], { cwd: source });
}

const install = (version: string) =>
  installProject(join(folder, `project-${count}`), { name: fixtureName, version }, registry, run);

it('listens on loopback, and no longer once it has been stopped', async () => {
  expect(registry.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  await expect(registry.latestVersion(fixtureName)).resolves.toBeUndefined();
  const other = await startRegistry(join(folder, 'stopped'), '@fixtures');
  await other.stop();
  await expect(other.latestVersion(fixtureName)).rejects.toThrow();
});

it('installs what was published', async () => {
  await publish();
  await expect(registry.latestVersion(fixtureName)).resolves.toBe('0.1.0');
  const { manifest, snippet } = await install('0.1.0');
  expect(manifest).toMatchObject({ name: fixtureName, version: '0.1.0' });
  expect(snippet.shown).toEqual(['4']);
});

it('refuses another version than the one of the release', async () => {
  await publish();
  await expect(install('0.2.0')).rejects.toThrow('0.1.0 was installed, 0.2.0 was published');
});

it('refuses a third-party dependency', async () => {
  const stowaway = await layOut(join(folder, 'stowaway'), { 'package.json': { name: 'stowaway', version: '1.0.0' } });
  await publish({ manifest: { dependencies: { stowaway: `file:${stowaway}` } } });
  await expect(install('0.1.0')).rejects.toThrow(/^brings third-party packages: .*stowaway/);
});
