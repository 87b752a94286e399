import { join } from 'node:path';

import { childEnvironment } from '../src/child-environment.ts';
import type { Consumer, Project } from '../src/consumer.ts';
import { commonjsConsumer } from '../src/consumers/commonjs.ts';
import { esmConsumer } from '../src/consumers/esm.ts';
import { jestConsumer } from '../src/consumers/jest.ts';
import { neutralBundleConsumer } from '../src/consumers/neutral-bundle.ts';
import { nodeTestConsumer } from '../src/consumers/node-test.ts';
import { nodeVersionConsumer } from '../src/consumers/node-version.ts';
import { typescriptConsumer, type TypeScriptSetting } from '../src/consumers/typescript.ts';
import { vitestConsumer } from '../src/consumers/vitest.ts';
import { readProject } from '../src/install-project.ts';
import { commandRunner } from '../src/run-command.ts';
import { fixtureName, layOutFixture, readme, workspaceModules, type Changes } from './fixture-package.ts';
import { testFolder } from './test-folder.ts';

// Compilers and test runners take seconds each when the machine has other work.
jest.setTimeout(60_000);

const folder = testFolder();
const run = commandRunner({ env: childEnvironment(process.env, folder), signal: new AbortController().signal });

const esm = esmConsumer(process.execPath);
const commonjs = commonjsConsumer(process.execPath);
const nodeTest = nodeTestConsumer(process.execPath);
const vitest = vitestConsumer(workspaceModules);
const neutralBundle = neutralBundleConsumer(workspaceModules);
const typescript = (resolution: TypeScriptSetting['resolution']) =>
  typescriptConsumer({
    version: '6',
    compiler: join(workspaceModules, 'typescript'),
    typeRoot: join(workspaceModules, '@types'),
    resolution,
    globals: 'dom',
  });

let count = 0;

/** As npm would have left it. */
async function install(changes?: Changes): Promise<Project> {
  const project = join(folder, `project-${(count += 1)}`);
  await layOutFixture(join(project, 'node_modules', fixtureName), changes);
  return readProject(project, fixtureName);
}

async function use(consumer: Consumer, project: Project): Promise<void> {
  await consumer.use(project, run);
}

describe('a sound package', () => {
  it.each([
    esm,
    commonjs,
    nodeVersionConsumer(20, process.execPath),
    nodeTest,
    typescript('nodenext'),
    jestConsumer(30, { modules: workspaceModules, resolution: { moduleResolution: 'bundler' } }),
    vitest,
    neutralBundle,
  ])('is used by $name', async (consumer) => {
    await expect(use(consumer, await install())).resolves.toBeUndefined();
  });

  it.each([
    ['neutral', true],
    [{ '.': 'neutral', './node': 'node' }, true],
    ['node', false],
    [{ '.': 'node', './web': 'neutral' }, false],
    [undefined, false],
  ])('for %j is bundled for no platform: %s', async (platform, expected) => {
    const project = await install({ manifest: { patterns: { platform } } });
    expect(neutralBundle.appliesTo?.(project)).toBe(expected);
  });
});

describe('several packages', () => {
  const jest30 = jestConsumer(30, { modules: workspaceModules, resolution: { moduleResolution: 'bundler' } });

  it.each([typescript('nodenext'), jest30])('are refused by $name if one of them is', async (consumer) => {
    // Of the same name and version, for a compiler it would be the same package.
    const broken = await install({
      manifest: { version: '0.1.1' },
      files: { 'index.d.mts': 'export {};\n', 'index.d.cts': 'export {};\n' },
    });
    await expect(consumer.useAll?.([await install(), broken], run)).rejects.toThrow("has no exported member 'double'");
  });
});

describe('a package is refused', () => {
  it('for a type that only another package declares, which is used with it', async () => {
    const double = 'export declare function double(n: number): number;\n';
    const declaring = `${double}declare global {\n  interface Elsewhere {}\n}\n`;
    const [first, second] = [
      await install({ files: { 'index.d.mts': declaring, 'index.d.cts': declaring } }),
      await install({
        manifest: { version: '0.1.1' },
        files: { 'index.d.mts': `${double}export declare const spare: Elsewhere;\n` },
      }),
    ];
    await expect(typescript('bundler').useAll?.([first, second], run)).rejects.toThrow("Cannot find name 'Elsewhere'");
  });

  it('for a type that its declarations name and do not have', async () => {
    const declarations =
      'import type { Doubled } from "./doubled.js";\nexport declare function double(n: number): Doubled;\n';
    const project = await install({ files: { 'index.d.mts': declarations } });
    await expect(use(typescript('nodenext'), project)).rejects.toThrow("Cannot find module './doubled.js'");
  });

  it('for declarations of CommonJS that lack what the module has', async () => {
    const project = await install({ files: { 'index.d.cts': 'export {};\n' } });
    await expect(use(typescript('node10'), project)).rejects.toThrow("has no exported member 'double'");
  });

  it('for a type that only Node.js has', async () => {
    const declarations = 'export declare function double(n: number): number;\nexport declare const spare: Buffer;\n';
    const project = await install({ files: { 'index.d.mts': declarations } });
    await expect(use(typescript('bundler'), project)).rejects.toThrow("Cannot find name 'Buffer'");
  });

  it('for a snippet that shows what it does not print', async () => {
    const project = await install({ files: { 'README.md': readme('console.log(double(2)); // => 5') } });
    for (const consumer of [esm, commonjs, neutralBundle]) {
      await expect(use(consumer, project)).rejects.toThrow('README.md shows\n  5\nbut this was printed:\n  4');
    }
    for (const consumer of [nodeTest, vitest]) {
      await expect(use(consumer, project)).rejects.toThrow('prints what the README shows');
    }
  });

  it('for a snippet that prints what it does not show', async () => {
    const project = await install({ files: { 'README.md': readme('console.log(double(2));') } });
    await expect(use(esm, project)).rejects.toThrow('README.md shows\n  (nothing)\nbut this was printed:\n  4');
  });

  it('for a snippet that throws', async () => {
    const project = await install({ files: { 'README.md': readme('throw new Error(`no ${double(2)}`);') } });
    await expect(use(esm, project)).rejects.toThrow('Error: no 4');
    await expect(use(commonjs, project)).rejects.toThrow('Error: no 4');
  });

  it('for a CommonJS half that was forgotten', async () => {
    const project = await install({ files: { 'index.cjs': undefined } });
    await expect(use(esm, project)).resolves.toBeUndefined();
    await expect(use(commonjs, project)).rejects.toThrow('Cannot find module');
  });

  it('for an import that is none of its dependencies, though the tools have it', async () => {
    const source = 'import "esbuild";\nexport const double = (n) => 2 * n;\n';
    const project = await install({ files: { 'index.mjs': source } });
    await expect(use(esm, project)).rejects.toThrow("Cannot find package 'esbuild'");
    await expect(use(vitest, project)).rejects.toThrow("Cannot find package 'esbuild'");
  });

  it('for a Node.js module, if it claims to need no platform', async () => {
    const source = 'import "node:fs";\nexport const double = (n) => 2 * n;\n';
    const project = await install({ files: { 'index.mjs': source } });
    await expect(use(neutralBundle, project)).rejects.toThrow('Could not resolve "node:fs"');
  });

  it('for a README that shows no code, or is missing', async () => {
    await expect(install({ files: { 'README.md': '# Fixture\n' } })).rejects.toThrow('README.md has no ```ts block');
    await expect(install({ files: { 'README.md': undefined } })).rejects.toThrow('was published without README.md');
  });
});
