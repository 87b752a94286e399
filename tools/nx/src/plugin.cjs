const { existsSync, readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');

/**
 * Infers from the files that a project has what can be done with it, so that no project has to repeat it.
 * `test` and `lint` come from `@nx/jest` and `@nx/eslint`; what is here adds to them.
 *
 * @type {import('@nx/devkit').CreateNodesV2}
 */
exports.createNodesV2 = [
  '{package.json,{packages,examples,tools}/*/package.json}',
  (manifests, _options, { workspaceRoot }) =>
    manifests.map((manifest) => {
      const root = dirname(manifest);
      return [manifest, { projects: { [root]: { targets: inferTargets(join(workspaceRoot, root), root) } } }];
    }),
];

/**
 * @param {string} folder absolute
 * @param {string} root relative to the workspace
 */
function inferTargets(folder, root) {
  if (root === '.') return wholeWorkspace();

  const has = (/** @type {string} */ file) => existsSync(join(folder, file));
  const isPublished = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).private !== true;
  // Examples and tools see packages as users do: built. Packages see each other's sources.
  const dependsOn = isPublished ? [] : ['^build'];

  /** @type {Record<string, import('@nx/devkit').TargetConfiguration>} */
  const targets = { format: format('../../.prettierignore', '.') };
  if (has('tsdown.config.mjs')) {
    targets['build'] = {
      ...run('tsdown'),
      dependsOn: ['^build'],
      inputs: ['production', '^production', { externalDependencies: ['tsdown', 'typescript'] }],
      outputs: ['{projectRoot}/dist'],
    };
  }
  if (has('tsconfig.json')) {
    targets['typecheck'] = {
      ...run('tsc -p tsconfig.json'),
      dependsOn,
      inputs: ['default', '^default', { externalDependencies: ['typescript'] }],
    };
  }
  if (has('jest.config.cjs')) {
    targets['test'] = {
      dependsOn,
      inputs: ['default', '^default', { externalDependencies: ['jest', '@swc/core', '@swc/jest'] }],
      outputs: ['{projectRoot}/.results'],
    };
  }
  if (isPublished) {
    targets['api'] = {
      ...run('node ../../tools/hygiene/bin/api.mjs .'),
      dependsOn: ['build'],
      // A type of another package that is gone would leave an `any` behind.
      inputs: ['production', '^production', '{workspaceRoot}/tools/hygiene/**/*'],
    };
  }
  return targets;
}

/**
 * What `npm run check` runs, for all projects at once: a linter or compiler that is started for each of them reads the same types each time, which takes
 * longer than all they check. For one project there are the targets of that. None is cached: a target that depends on every file would make every change
 * affect the root.
 *
 * @returns {Record<string, import('@nx/devkit').TargetConfiguration>}
 */
function wholeWorkspace() {
  // Packages see each other's sources; examples and tools see them built.
  const builds = [{ projects: ['tag:npm:public'], target: 'build' }];
  const uncached = (/** @type {string} */ command) => ({ ...run(command), cache: false });
  return {
    'format-all': uncached('prettier --check --ignore-unknown .'),
    // In two, so that neither needs more memory than Node.js allows itself on a small machine.
    'lint-packages': uncached('eslint packages --max-warnings 0'),
    'lint-rest': { ...uncached('eslint . --ignore-pattern "packages/**" --max-warnings 0'), dependsOn: builds },
    'typecheck-all': {
      ...uncached('tsc -b packages/*/tsconfig.json examples/*/tsconfig.json tools/*/tsconfig.json'),
      dependsOn: builds,
    },
    check: {
      executor: 'nx:noop',
      dependsOn: [
        'lint-packages',
        'lint-rest',
        'typecheck-all',
        'format-all',
        { projects: ['tag:npm:public'], target: 'api' },
        { projects: ['@patterns-tools/readme'], target: 'readme' },
      ],
    },
  };
}

/** @param {string} command */
function run(command) {
  return { command, options: { cwd: '{projectRoot}' }, cache: true };
}

/**
 * @param {string} ignoreFile
 * @param {string} patterns
 */
function format(ignoreFile, patterns) {
  return {
    // What to leave alone stands at the root; Prettier looks for it where it is started.
    ...run(`prettier --check --ignore-unknown --no-error-on-unmatched-pattern --ignore-path ${ignoreFile} ${patterns}`),
    inputs: ['{projectRoot}/**/*', { externalDependencies: ['prettier'] }],
  };
}
