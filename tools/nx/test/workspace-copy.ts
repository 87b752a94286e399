import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = join(__dirname, '../../..');

export interface Outcome {
  readonly ok: boolean;
  readonly output: string;
}

/** The workspace as git sees it, in a temporary folder: dependencies are those of the original, packages of ours its own. */
export class WorkspaceCopy {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'patterns-copy-'));

  constructor() {
    const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
    for (const file of listed.toString().split('\0')) {
      if (file !== '' && existsSync(join(root, file))) cpSync(join(root, file), join(this.folder, file));
    }
    this.#linkModules();
  }

  /** Links a package that the original does not have, as `npm install` would. */
  link(name: string): void {
    this.#link(join('../../packages', name), join('node_modules/@patterns', name));
  }

  /** Runs a script of a dependency, from a folder of the copy. */
  run(folder: string, script: string, ...parameters: string[]): Outcome {
    const command = [join(this.folder, 'node_modules', script), ...parameters];
    const { status, stdout, stderr } = spawnSync(process.execPath, command, {
      cwd: join(this.folder, folder),
      encoding: 'utf8',
      env: {
        PATH: process.env['PATH'],
        NX_DAEMON: 'false',
        NX_ISOLATE_PLUGINS: 'false',
        NX_WORKSPACE_ROOT_PATH: this.folder,
      },
    });
    return { ok: status === 0, output: stdout + stderr };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #linkModules(): void {
    const modules = join(root, 'node_modules');
    for (const name of readdirSync(modules)) {
      if (!name.startsWith('@patterns')) {
        this.#link(join(modules, name), join('node_modules', name));
        continue;
      }
      for (const own of readdirSync(join(modules, name))) {
        // A relative link leads into the copy as it led into the original.
        this.#link(readlinkSync(join(modules, name, own)), join('node_modules', name, own));
      }
    }
  }

  #link(target: string, path: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    symlinkSync(target, join(this.folder, path));
  }
}
