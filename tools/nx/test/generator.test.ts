import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';

import pattern from '../src/generators/pattern/generator.cjs';
import { type Outcome, WorkspaceCopy } from './workspace-copy.ts';

// Compilers, linters and bundlers run, on a machine that may be busy.
jest.setTimeout(300_000);

const root = join(__dirname, '../../..');
const succeeds = { ok: true, output: expect.any(String) as unknown };

it('does not touch a package that is there', async () => {
  const tree = createTreeWithEmptyWorkspace({ formatter: 'none' });
  tree.write('packages/retry/package.json', '{}');
  await expect(pattern(tree, { name: 'retry' })).rejects.toThrow('packages/retry is there already');
});

it('writes the description and the current versions of what it depends on', async () => {
  const tree = createTreeWithEmptyWorkspace({ formatter: 'none' });
  for (const file of ['LICENSE', 'tools/bench/package.json']) tree.write(file, readFileSync(join(root, file)));
  tree.write('packages/context/package.json', '{ "version": "1.2.0" }');
  tree.write('packages/errors/package.json', '{ "version": "3.4.5" }');
  await pattern(tree, { name: 'single-flight', description: 'Joins calls for the same key' });

  expect(JSON.parse(tree.read('packages/single-flight/package.json', 'utf8') ?? '')).toMatchObject({
    name: '@patterns/single-flight',
    description: 'Joins calls for the same key',
    dependencies: { '@patterns/context': '^1.2.0', '@patterns/errors': '^3.4.5' },
  });
  expect(tree.read('packages/single-flight/README.md', 'utf8')).toContain('\nJoins calls for the same key.\n');
  expect(tree.read('packages/single-flight/src/single-flight.ts', 'utf8')).toContain('export class SingleFlight ');
  expect(tree.read('.changeset/single-flight-first-version.md', 'utf8')).toContain("'@patterns/single-flight': minor");
});

describe('in a copy of this workspace', () => {
  const nx = 'nx/dist/bin/nx.js';
  let copy: WorkspaceCopy;
  let generated: Outcome;
  let checked: Outcome;

  beforeAll(() => {
    copy = new WorkspaceCopy();
    generated = copy.run('.', nx, 'generate', '@patterns-tools/nx:pattern', 'token-gate', '--skipInstall');
    copy.link('token-gate');
    const targets = ['format', 'lint', 'typecheck', 'test', 'build', 'api'];
    checked = copy.run('.', nx, 'run-many', '-p', '@patterns/token-gate', '-t', ...targets, '--outputStyle=static');
  });
  afterAll(() => {
    copy.remove();
  });

  it('makes everything that a package has, and what belongs to it elsewhere', () => {
    expect(generated).toEqual(succeeds);
    const created = [...generated.output.matchAll(/^(?:CREATE|UPDATE) (.*)$/gm)].map(([, path]) => path).sort();
    expect(created).toEqual([
      '.changeset/token-gate-first-version.md',
      'packages/token-gate/LICENSE',
      'packages/token-gate/README.md',
      'packages/token-gate/jest.config.cjs',
      'packages/token-gate/package.json',
      'packages/token-gate/src/diagnostics.ts',
      'packages/token-gate/src/index.ts',
      'packages/token-gate/src/token-gate-refused-error.ts',
      'packages/token-gate/src/token-gate.test.ts',
      'packages/token-gate/src/token-gate.ts',
      'packages/token-gate/test/bound.property.test.ts',
      'packages/token-gate/test/public-api.test-d.ts',
      'packages/token-gate/tsconfig.json',
      'packages/token-gate/tsdown.config.mjs',
      'tools/bench/package.json',
      'tools/bench/src/areas/token-gate.ts',
    ]);
  });

  it('passes format, lint, typecheck, test, build and api as it is', () => {
    expect(checked).toEqual(succeeds);
  });

  it('has a README that tells the truth', () => {
    const { output } = copy.run('tools/readme', 'tsx/dist/cli.mjs', 'src/main.ts', '../..', 'packages/token-gate');
    expect(output).toBe('1 ts blocks in 1 READMEs checked, 1 run, 0 problems\n');
  });

  it('makes a tarball that keeps to every rule', () => {
    const jest = copy.run('tools/hygiene', 'jest/bin/jest.js', 'packages.test', '-t', 'token-gate keeps to');
    expect(jest).toEqual(succeeds);
    expect(jest.output).toMatch(/Tests: .* 10 passed/);
  });

  it('has a benchmark that runs', () => {
    const bench = ['src/main.ts', '--quick', '--no-build', 'token-gate'];
    expect(copy.run('tools/bench', 'tsx/dist/cli.mjs', ...bench)).toEqual(succeeds);
  });
});
