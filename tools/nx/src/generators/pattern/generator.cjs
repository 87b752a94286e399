const { join } = require('node:path');

const {
  formatFiles,
  generateFiles,
  installPackagesTask,
  names,
  readJson,
  updateJson,
  writeJson,
} = require('@nx/devkit');

const { makeManifest } = require('./manifest.cjs');

/**
 * Makes a package that passes every check as it is. Its pattern is the smallest that has all the parts: options that are
 * validated, a refusal, events, diagnostics. What remains is to put another pattern in its place.
 *
 * @param {import('@nx/devkit').Tree} tree
 * @param {{ name: string, description?: string, skipInstall?: boolean }} options
 */
module.exports = async function pattern(tree, { name, description = defaultDescription, skipInstall = false }) {
  const folder = `packages/${name}`;
  if (tree.exists(folder)) throw new Error(`${folder} is there already`);

  const { className, constantName } = names(name);
  const variables = { name, className, constantName, description };
  generateFiles(tree, join(__dirname, 'files/package'), folder, variables);
  generateFiles(tree, join(__dirname, 'files/changeset'), '.changeset', variables);
  generateFiles(tree, join(__dirname, 'files/bench'), 'tools/bench/src/areas', variables);
  tree.write(`${folder}/LICENSE`, tree.read('LICENSE') ?? '');
  writeJson(
    tree,
    `${folder}/package.json`,
    makeManifest({
      name,
      version: '0.0.0',
      description,
      keywords: [name, 'resilience'],
      entries: ['index'],
      dependencies: Object.fromEntries(
        ['context', 'errors'].map((dependency) => [`@patterns/${dependency}`, `^${versionOf(tree, dependency)}`]),
      ),
      peerDependencies: undefined,
      devDependencies: {},
      patterns: { platform: 'neutral', maxBytes: { '.': 900 }, maxPackedBytes: 12_000 },
      tags: ['layer:pattern', `pkg:${name}`],
    }),
  );
  updateJson(tree, 'tools/bench/package.json', (manifest) => ({
    ...manifest,
    devDependencies: { ...manifest.devDependencies, [`@patterns/${name}`]: '*' },
  }));
  await formatFiles(tree);

  return () => {
    if (!skipInstall) installPackagesTask(tree, true);
  };
};

const defaultDescription = 'Runs a bounded number of calls at a time and refuses the others at once';

/**
 * @param {import('@nx/devkit').Tree} tree
 * @param {string} dependency
 */
function versionOf(tree, dependency) {
  return readJson(tree, `packages/${dependency}/package.json`).version;
}
