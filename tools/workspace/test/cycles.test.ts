import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const root = join(__dirname, '../../..');
const config = 'tools/workspace/dependency-cruiser.cjs';

function cruise(...paths: string[]): { status: number | null; stdout: string } {
  const cli = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const { status, stdout } = spawnSync(process.execPath, [cli, '--config', config, ...paths], {
    cwd: root,
    encoding: 'utf8',
  });
  // Nx asks for colours.
  return { status, stdout: stripVTControlCharacters(stdout) };
}

describe('dependency cycles', () => {
  it('are neither between packages nor inside of one', () => {
    const { status, stdout } = cruise('packages');
    expect(stdout).toMatch(/no dependency violations found \(\d{3,} modules/);
    expect(status).toBe(0);
  });

  it('would be found', () => {
    const { status, stdout } = cruise('tools/workspace/test/fixtures/cycle');
    expect(stdout).toMatch(/error no-cycle: [^]*egg\.ts[^]*hen\.ts/);
    expect(status).not.toBe(0);
  });
});
