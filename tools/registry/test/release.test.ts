import { existsSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';

import { childEnvironment } from '../src/child-environment.ts';
import { layOut } from '../src/lay-out.ts';
import { readPublicPackages } from '../src/public-packages.ts';
import { raiseVersions } from '../src/release.ts';
import { commandRunner } from '../src/run-command.ts';
import { makeThrowawayCopy } from '../src/throwaway-copy.ts';
import { workspaceModules } from './fixture-package.ts';
import { testFolder } from './test-folder.ts';

// Git and changesets take seconds when the machine has other work.
jest.setTimeout(60_000);

const folder = testFolder();
const run = commandRunner({ env: childEnvironment(process.env, folder), signal: new AbortController().signal });

const manifest = (name: string, more = {}) => ({ name: `@fixtures/${name}`, version: '0.0.0', ...more });

/** Two packages, one of which depends on the other, and a private one. */
async function workspace(name: string): Promise<string> {
  const root = await layOut(join(folder, name), {
    'package.json': { name: 'root', private: true, workspaces: ['packages/*'] },
    'package-lock.json': { lockfileVersion: 3 },
    '.gitignore': 'node_modules/\ndist/\n',
    '.changeset/config.json': { access: 'public', baseBranch: 'main', privatePackages: { version: false, tag: false } },
    'packages/base/package.json': manifest('base'),
    'packages/base/dist/index.js': 'ignored',
    'packages/leaf/package.json': manifest('leaf', { dependencies: { '@fixtures/base': '^0.0.0' } }),
    'packages/tool/package.json': manifest('tool', { private: true, dependencies: { '@fixtures/leaf': '*' } }),
    'packages/leaf/node_modules/nested/index.js': 'nested',
  });
  const modules = join(root, 'node_modules');
  await mkdir(join(modules, '@fixtures'), { recursive: true });
  for (const link of ['base', 'leaf', 'tool'])
    await symlink(`../../packages/${link}`, join(modules, '@fixtures', link));
  await symlink(join(workspaceModules, '@changesets'), join(modules, '@changesets'));
  await symlink(join(workspaceModules, '.bin'), join(modules, '.bin'));
  await run('git', ['init', '--quiet'], { cwd: root });
  await run('git', ['add', '--all'], { cwd: root });
  return root;
}

describe('a throwaway copy', () => {
  let original: string;
  let copy: string;
  beforeAll(async () => {
    original = await workspace('original');
    await layOut(original, { 'packages/base/new.ts': 'untracked' });
    await layOut(original, { 'packages/base/gone.ts': 'tracked' });
    await run('git', ['add', '--all'], { cwd: original });
    await rm(join(original, 'packages/base/gone.ts'));
    copy = join(folder, 'copy');
    await makeThrowawayCopy(original, copy, run);
  });

  it('has what Git tracks or would track, as it is now', () => {
    expect(readFileSync(join(copy, 'packages/base/new.ts'), 'utf8')).toBe('untracked');
    expect(existsSync(join(copy, 'packages/base/dist'))).toBe(false);
    expect(existsSync(join(copy, 'packages/base/gone.ts'))).toBe(false);
  });

  it('sees its own packages, and the installed modules of the original', () => {
    const modules = join(copy, 'node_modules');
    expect(realpathSync(join(modules, '@fixtures/leaf'))).toBe(join(copy, 'packages/leaf'));
    expect(realpathSync(join(modules, '@changesets/cli'))).toBe(
      realpathSync(join(workspaceModules, '@changesets/cli')),
    );
    expect(readlinkSync(join(copy, 'packages/leaf/node_modules/nested'))).toBe(
      join(original, 'packages/leaf/node_modules/nested'),
    );
  });

  it('is a repository of its own with nothing to commit', async () => {
    const { stdout } = await run('git', ['status', '--porcelain'], { cwd: copy });
    expect(stdout).toBe('');
    await expect(run('git', ['log'], { cwd: original })).rejects.toThrow('does not have any commits yet');
  });
});

describe('raiseVersions', () => {
  it('raises packages with a pending change, and those whose range no longer fits', async () => {
    const root = await workspace('pending');
    await layOut(root, { '.changeset/first.md': "---\n'@fixtures/base': minor\n---\n\nThe first release.\n" });
    const copy = join(folder, 'pending-copy');
    await makeThrowawayCopy(root, copy, run);
    await expect(raiseVersions(copy, run)).resolves.toEqual([
      { name: '@fixtures/base', versionBefore: '0.0.0', version: '0.1.0' },
      { name: '@fixtures/leaf', versionBefore: '0.0.0', version: '0.0.1' },
    ]);
    expect(readFileSync(join(copy, 'packages/base/CHANGELOG.md'), 'utf8')).toContain('The first release.');
    // The original is left alone.
    await expect(readPublicPackages(root)).resolves.toContainEqual({ name: '@fixtures/base', version: '0.0.0' });
  });

  it('keeps the versions when nothing is pending', async () => {
    const copy = join(folder, 'settled-copy');
    await makeThrowawayCopy(await workspace('settled'), copy, run);
    await expect(raiseVersions(copy, run)).resolves.toEqual([
      { name: '@fixtures/base', versionBefore: '0.0.0', version: '0.0.0' },
      { name: '@fixtures/leaf', versionBefore: '0.0.0', version: '0.0.0' },
    ]);
  });
});
