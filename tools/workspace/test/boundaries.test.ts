import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';

const root = join(__dirname, '../../..');

/** A small workspace with one project for each layer, under the real rules. Name of the project to its tags. */
const projects = {
  'packages/errors': ['layer:foundation', 'pkg:errors'],
  'packages/context': ['layer:foundation', 'pkg:context'],
  'packages/structures': ['layer:foundation', 'pkg:structures'],
  'packages/retry': ['layer:pattern', 'pkg:retry'],
  'packages/breaker': ['layer:pattern', 'pkg:breaker'],
  'packages/ratelimit': ['layer:guarded-pattern', 'pkg:ratelimit'],
  'packages/policy': ['layer:composition', 'pkg:policy'],
  'packages/telemetry': ['layer:composition', 'pkg:telemetry'],
  'tools/narrator': ['layer:narrator'],
  'tools/test-kit': ['layer:test-kit'],
  'tools/bench': ['layer:tool'],
  'examples/shop': ['layer:example'],
} as const;
type Project = keyof typeof projects;

const scopes: Readonly<Record<string, string>> = {
  packages: '@patterns',
  tools: '@patterns-tools',
  examples: '@patterns-examples',
};

function packageName(project: Project): string {
  const [parent = '', name = ''] = project.split('/');
  return `${scopes[parent] ?? ''}/${name}`;
}

/** Each breaks one constraint: the importing file, and what it must not import. */
const forbidden: readonly (readonly [Project, string, Project])[] = [
  ['packages/errors', 'src/a.ts', 'packages/context'],
  ['packages/context', 'src/b.ts', 'packages/structures'],
  ['packages/structures', 'src/c.ts', 'packages/retry'],
  ['packages/retry', 'src/d.ts', 'packages/breaker'],
  ['packages/retry', 'src/e.ts', 'packages/policy'],
  ['packages/ratelimit', 'src/f.ts', 'packages/retry'],
  ['packages/policy', 'src/g.ts', 'packages/telemetry'],
  ['packages/breaker', 'src/h.ts', 'tools/bench'],
  ['packages/retry', 'src/i.ts', 'tools/test-kit'],
  ['examples/shop', 'src/j.ts', 'tools/bench'],
  ['tools/narrator', 'src/k.ts', 'packages/errors'],
  ['tools/test-kit', 'src/l.ts', 'packages/telemetry'],
];

const allowed: readonly (readonly [Project, string, Project])[] = [
  ['packages/context', 'src/m.ts', 'packages/errors'],
  ['packages/structures', 'src/n.ts', 'packages/context'],
  ['packages/retry', 'src/o.ts', 'packages/context'],
  ['packages/retry', 'src/o.test.ts', 'tools/test-kit'],
  ['packages/ratelimit', 'src/p.ts', 'packages/breaker'],
  ['packages/policy', 'src/q.ts', 'packages/ratelimit'],
  ['examples/shop', 'src/r.ts', 'packages/policy'],
  ['examples/shop', 'src/s.ts', 'tools/narrator'],
  ['tools/bench', 'src/t.ts', 'packages/policy'],
];

interface Message {
  readonly ruleId: string;
  readonly message: string;
}

/** Writes a workspace with the files, and lints it. */
class FixtureWorkspace {
  readonly #folder: string = mkdtempSync(join(tmpdir(), 'patterns-boundaries-'));

  constructor(imports: readonly (readonly [Project, string, Project])[]) {
    this.#write('package.json', {
      name: 'fixture',
      private: true,
      workspaces: ['packages/*', 'examples/*', 'tools/*'],
    });
    this.#write('nx.json', {
      useDaemonProcess: false,
      pluginsConfig: { '@nx/js': { analyzeSourceFiles: true } },
      targetDefaults: { build: { inputs: ['{projectRoot}/**/*'] } },
    });
    for (const file of ['eslint.config.mjs', 'tsconfig.base.json']) cpSync(join(root, file), join(this.#folder, file));
    for (const name of readdirSync(join(root, 'node_modules'))) {
      if (!name.startsWith('@patterns')) this.#link(join(root, 'node_modules', name), join('node_modules', name));
    }
    for (const project of Object.keys(projects) as Project[]) {
      this.#write(`${project}/package.json`, {
        name: packageName(project),
        version: '1.0.0',
        private: !project.startsWith('packages/'),
        type: 'module',
        exports: './src/index.ts',
        scripts: { build: 'true' },
        nx: { tags: projects[project] },
      });
      this.#write(`${project}/tsconfig.json`, { extends: '../../tsconfig.base.json', include: ['src'] });
      this.#link(join(this.#folder, project), join('node_modules', packageName(project)));
      this.#write(`${project}/src/index.ts`, 'export const it: number = 1;\n');
    }
    for (const [from, file, to] of imports) {
      this.#write(`${from}/${file}`, `import { it } from '${packageName(to)}';\n\nexport const copy: number = it;\n`);
    }
  }

  /** Messages by file. */
  lint(): Map<string, readonly Message[]> {
    // Without the graph in its cache the boundary rule would only warn, and pass everything.
    this.#run('nx/dist/bin/nx.js', 'show', 'projects');
    const json = this.#run('eslint/bin/eslint.js', '.', '--format', 'json', '--max-warnings', '0');
    const results = JSON.parse(json) as { readonly filePath: string; readonly messages: readonly Message[] }[];
    return new Map(results.map(({ filePath, messages }) => [relative(this.#folder, filePath), messages]));
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }

  #write(file: string, content: unknown): void {
    mkdirSync(dirname(join(this.#folder, file)), { recursive: true });
    writeFileSync(join(this.#folder, file), typeof content === 'string' ? content : JSON.stringify(content, null, 2));
  }

  #link(target: string, file: string): void {
    mkdirSync(dirname(join(this.#folder, file)), { recursive: true });
    symlinkSync(target, join(this.#folder, file));
  }

  #run(script: string, ...args: string[]): string {
    const { stdout, stderr } = spawnSync(process.execPath, [join(root, 'node_modules', script), ...args], {
      cwd: this.#folder,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], NX_ISOLATE_PLUGINS: 'false', NX_WORKSPACE_ROOT_PATH: this.#folder },
    });
    if (stdout === '') throw new Error(stderr);
    return stdout;
  }
}

describe('the lint rules', () => {
  const messages = new Map<string, readonly Message[]>();

  beforeAll(() => {
    // Two workspaces, as together the imports would be circular.
    for (const imports of [forbidden, allowed]) {
      const workspace = new FixtureWorkspace(imports);
      for (const [file, found] of workspace.lint()) messages.set(file, found);
      workspace.remove();
    }
  }, 60_000);

  function boundariesBrokenIn(file: string): string[] {
    const found = messages.get(file);
    if (!found) throw new Error(`${file} was not linted`);
    return found.filter(({ ruleId }) => ruleId === '@nx/enforce-module-boundaries').map(({ message }) => message);
  }

  it.each(forbidden)('forbid %s/%s to import %s', (from, file) => {
    expect(boundariesBrokenIn(`${from}/${file}`)).toEqual([
      expect.stringMatching(/^A project tagged with .* (can only|cannot) depend/),
    ]);
  });

  it.each(allowed)('allow %s/%s to import %s', (from, file) => {
    expect(boundariesBrokenIn(`${from}/${file}`)).toEqual([]);
  });

  it('find an import that the manifest does not state', () => {
    expect(messages.get('packages/retry/package.json')).toEqual([
      expect.objectContaining({
        ruleId: '@nx/dependency-checks',
        message: expect.stringContaining('@patterns/context') as string,
      }),
    ]);
  });
});
