import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allWorkspaces, type Manifest } from '../src/workspaces.ts';

const root = join(__dirname, '../../..');

interface ProjectGraph {
  readonly graph: { readonly dependencies: Readonly<Record<string, readonly { readonly target: string }[]>> };
}

function nx(...args: string[]): string {
  return execFileSync(process.execPath, ['node_modules/nx/dist/bin/nx.js', ...args], { cwd: root, encoding: 'utf8' });
}

function readGraph(): ProjectGraph {
  const folder = mkdtempSync(join(tmpdir(), 'patterns-graph-'));
  try {
    nx('graph', '--file', join(folder, 'graph.json'));
    return JSON.parse(readFileSync(join(folder, 'graph.json'), 'utf8')) as ProjectGraph;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function affectedBy(file: string): string[] {
  return JSON.parse(nx('show', 'projects', '--affected', `--files=${file}`, '--json')) as string[];
}

const manifests = new Map(allWorkspaces(root).map(({ manifest }) => [manifest.name, manifest]));

const published = [...manifests.values()].filter((manifest) => !manifest.private).map(({ name }) => name);

/** What a workspace says that it depends on, among the workspaces. */
function dependenciesOf(manifest: Manifest): string[] {
  const named = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
  const implied = (manifest.nx?.implicitDependencies ?? []).flatMap((entry) =>
    entry === 'tag:npm:public' ? published : [entry],
  );
  return [...new Set([...named.filter((name) => manifests.has(name)), ...implied])].sort();
}

/** The workspace itself and everything that depends on it, at any distance. */
function dependantsOf(name: string): string[] {
  const found = new Set([name]);
  for (const dependency of found) {
    for (const [dependant, manifest] of manifests)
      if (dependenciesOf(manifest).includes(dependency)) found.add(dependant);
  }
  return [...found].sort();
}

describe('the project graph', () => {
  it('has exactly the edges that the manifests state', () => {
    const { dependencies } = readGraph().graph;
    const edges = (name: string): string[] =>
      [...new Set(dependencies[name]?.map(({ target }) => target).filter((target) => manifests.has(target)))].sort();
    for (const [name, manifest] of manifests) expect([name, edges(name)]).toEqual([name, dependenciesOf(manifest)]);
  });

  it('knows that a change of the errors affects everything that depends on them, and nothing else', () => {
    const affected = affectedBy('packages/errors/src/index.ts');
    expect(affected.sort()).toEqual(dependantsOf('@patterns/errors'));
    expect(affected).toContain('@patterns-examples/retry-mechanism');
    expect(affected).not.toContain('@patterns-tools/narrator');
  });

  it('knows that a change of an example affects only that', () => {
    expect(affectedBy('examples/retry-mechanism/src/main.ts')).toEqual(['@patterns-examples/retry-mechanism']);
  });
});
