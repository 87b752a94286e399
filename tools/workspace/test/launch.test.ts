import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const root = join(__dirname, '../../..');

describe('the bootstrap', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'patterns-launch-'));
    mkdirSync(join(folder, 'tools/workspace/src'), { recursive: true });
    mkdirSync(join(folder, 'bin'));
    cpSync(join(root, 'tools/workspace/launch.mjs'), join(folder, 'tools/workspace/launch.mjs'));
    writeFileSync(
      join(folder, 'tools/workspace/src/hello.ts'),
      'export const main = (_root: string, [name]: string[]) => (console.log(`hello ${name}`), 7);',
    );
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'package-lock.json'), '{}');
    // A stand-in for npm: installing would take half a minute.
    writeFileSync(
      join(folder, 'bin/npm'),
      `#!/bin/sh\necho "npm $1"\nmkdir -p node_modules\ntouch node_modules/.package-lock.json\nln -sfn ${join(root, 'node_modules/tsx')} node_modules/tsx\n`,
      { mode: 0o755 },
    );
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function launch(...options: string[]): { status: number | null; stdout: string; stderr: string } {
    return spawnSync(process.execPath, [...options, 'tools/workspace/launch.mjs', 'hello', 'world'], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, PATH: join(folder, 'bin') + delimiter + (process.env['PATH'] ?? '') },
    });
  }

  it('says that nothing is installed, installs, and runs the command with its exit code', () => {
    const { stdout, status } = launch();
    expect(stdout).toMatch(/^Nothing is installed yet: running npm ci .*\nnpm ci\nhello world\n$/);
    expect(status).toBe(7);
  });

  it('installs nothing if what is installed is as new as the lockfile', () => {
    launch();
    expect(launch().stdout).toBe('hello world\n');
  });

  it('installs again when the lockfile has changed since', () => {
    launch();
    const later = Date.now() / 1_000 + 10;
    utimesSync(join(folder, 'package-lock.json'), later, later);
    expect(launch().stdout).toMatch(/^package-lock\.json is newer than what is installed: running npm ci/);
  });

  it('ends with the exit code of npm when the installation fails', () => {
    writeFileSync(join(folder, 'bin/npm'), '#!/bin/sh\nexit 9\n', { mode: 0o755 });
    const { stderr, status } = launch();
    expect(stderr).toContain('npm ci failed');
    expect(status).toBe(9);
  });

  it.each(['18.20.4', '20.9.0', '20.18.3'])('refuses Node %s with a sentence that says what it needs', (version) => {
    writeFileSync(
      join(folder, 'old-node.cjs'),
      `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });`,
    );
    const { stderr, status, stdout } = launch('--require', './old-node.cjs');
    expect(stderr).toBe(`@patterns needs Node 20.19.0 or newer; this is Node ${version}.\n`);
    expect(stdout).toBe('');
    expect(status).toBe(1);
  });
});
