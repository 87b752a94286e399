import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../../..');
const scratch = join(__dirname, '../.results');
mkdirSync(scratch, { recursive: true });

const entry = {
  import: { types: './dist/index.d.mts', default: './dist/index.mjs' },
  require: { types: './dist/index.d.cts', default: './dist/index.cjs' },
};

describe('a package built with the preset', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(scratch, 'build-'));
    mkdirSync(join(folder, 'src'));
    writeFileSync(join(folder, 'src/index.ts'), 'export const answer: number = 42;\n');
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: join(root, 'tsconfig.base.json') }));
    writeFileSync(
      join(folder, 'tsdown.config.mjs'),
      `export { default } from '${join(root, 'packages/errors/tsdown.config.mjs')}';`,
    );
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function build(manifest: object): { status: number | null; output: string } {
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({ name: 'built', version: '1.0.0', type: 'module', files: ['dist'], ...manifest }),
    );
    const { status, stdout, stderr } = spawnSync(join(root, 'node_modules/.bin/tsdown'), {
      cwd: folder,
      encoding: 'utf8',
      timeout: 60_000,
      killSignal: 'SIGKILL',
    });
    return { status, output: stdout + stderr };
  }

  it('has both formats, declarations for both that bring Disposable with them, and source maps', () => {
    const { status } = build({ main: './dist/index.cjs', types: './dist/index.d.cts', exports: { '.': entry } });
    expect(status).toBe(0);
    for (const file of ['index.mjs', 'index.cjs', 'index.mjs.map', 'index.cjs.map']) {
      expect([file, existsSync(join(folder, 'dist', file))]).toEqual([file, true]);
    }
    for (const file of ['index.d.mts', 'index.d.cts']) {
      expect(readFileSync(join(folder, 'dist', file), 'utf8')).toMatch(
        /^\/\/\/ <reference lib="esnext.disposable" \/>/,
      );
    }
  });

  it('does not build if a file that the manifest names is missing', () => {
    const { status, output } = build({ main: './dist/main.cjs', exports: { '.': entry } });
    expect(output).toContain('main.cjs');
    expect(status).not.toBe(0);
  });
});
