import { constants } from 'node:fs';
import { cp, lstat, mkdir, readdir, readlink, symlink } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';

import type { RunCommand } from './run-command.ts';

/**
 * Copies what Git tracks or would track, with the installed modules of the original, into a Git repository of its own: what is versioned,
 * built and tagged there leaves no trace here.
 *
 * @returns the number of files
 */
export async function makeThrowawayCopy(original: string, copy: string, run: RunCommand): Promise<number> {
  const listed = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: original });
  const files = listed.stdout.split('\0').filter((file) => file !== '');
  let copied = 0;
  for (const file of files) {
    // Git still lists a file that was deleted and not yet committed.
    if (!(await exists(join(original, file)))) continue;
    await mkdir(dirname(join(copy, file)), { recursive: true });
    await cp(join(original, file), join(copy, file), { mode: constants.COPYFILE_FICLONE, verbatimSymlinks: true });
    copied += 1;
  }

  const workspaces = new Set(files.filter((file) => file.endsWith('package.json')).map((file) => dirname(file)));
  for (const workspace of workspaces) await linkModules(original, copy, join(workspace, 'node_modules'));

  const git = (...args: readonly string[]) => run('git', args, { cwd: copy });
  await git('init', '--quiet', '--initial-branch=main');
  await git('config', 'user.name', 'rehearsal');
  await git('config', 'user.email', 'rehearsal@localhost');
  await git('config', 'commit.gpgsign', 'false');
  await git('add', '--all');
  await git('commit', '--quiet', '--no-verify', '--message=The state that is rehearsed');
  return copied;
}

/** Links every installed module to the original's, except links into the workspace: those point to the same place in the copy. */
async function linkModules(original: string, copy: string, modules: string): Promise<void> {
  if (!(await exists(join(original, modules)))) return;
  for (const name of await moduleNames(join(original, modules))) {
    const from = join(original, modules, name);
    const target = resolve(dirname(from), (await lstat(from)).isSymbolicLink() ? await readlink(from) : from);
    const inWorkspace = !target.startsWith(join(original, 'node_modules')) && !target.includes('/node_modules/');
    const link = join(copy, modules, name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(inWorkspace ? join(copy, relative(original, target)) : target, link);
  }
}

/** Packages, scoped ones in full, and the hidden entries such as `.bin`. */
async function moduleNames(modules: string): Promise<string[]> {
  const names = await readdir(modules);
  const nested = names.map(async (name) =>
    name.startsWith('@') ? (await readdir(join(modules, name))).map((inner) => join(name, inner)) : [name],
  );
  return (await Promise.all(nested)).flat();
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
