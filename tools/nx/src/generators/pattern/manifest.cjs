const repository = 'https://github.com/patterns-ts/patterns';

/**
 * What differs between the manifests of published packages.
 *
 * @typedef {object} Parts
 * @property {string} name without the scope
 * @property {string} version
 * @property {string} description
 * @property {readonly string[]} keywords what the pattern is searched by
 * @property {readonly string[]} entries files in `src/`, without their ending; `index` is the first
 * @property {Readonly<Record<string, string>> | undefined} dependencies
 * @property {Readonly<Record<string, string>> | undefined} peerDependencies optional, each of them
 * @property {Readonly<Record<string, string>>} devDependencies
 * @property {object} patterns platform and budgets, see tools/hygiene
 * @property {readonly string[]} tags
 */

/**
 * The manifest of a published package; `manifests.test.ts` holds those that exist to it.
 *
 * @param {Parts} parts
 */
exports.makeManifest = ({ name, version, description, keywords, entries, patterns, tags, ...dependencies }) => {
  const subpaths = entries.filter((entry) => entry !== 'index');
  return withoutUndefined({
    name: `@patterns/${name}`,
    version,
    description,
    keywords: [...keywords, 'go', 'typescript'],
    license: 'MIT',
    repository: { type: 'git', url: `git+${repository}.git`, directory: `packages/${name}` },
    homepage: `${repository}/tree/main/packages/${name}#readme`,
    bugs: `${repository}/issues`,
    type: 'module',
    sideEffects: false,
    engines: { node: '>=20.19' },
    // For resolvers that do not know `exports`.
    main: './dist/index.cjs',
    types: './dist/index.d.cts',
    typesVersions:
      subpaths.length === 0
        ? undefined
        : { '*': Object.fromEntries(subpaths.map((entry) => [entry, [`./dist/${entry}.d.cts`]])) },
    exports: {
      ...Object.fromEntries(entries.map((entry) => [entry === 'index' ? '.' : `./${entry}`, conditions(entry)])),
      './package.json': './package.json',
    },
    files: ['dist', 'src', '!**/*.test.ts'],
    dependencies: dependencies.dependencies,
    peerDependencies: dependencies.peerDependencies,
    peerDependenciesMeta:
      dependencies.peerDependencies &&
      Object.fromEntries(Object.keys(dependencies.peerDependencies).map((peer) => [peer, { optional: true }])),
    devDependencies: {
      '@patterns-tools/presets': '*',
      '@patterns-tools/test-kit': '*',
      ...dependencies.devDependencies,
    },
    publishConfig: { access: 'public' },
    patterns,
    nx: { tags },
  });
};

/** @param {string} entry */
function conditions(entry) {
  return {
    '@patterns/source': `./src/${entry}.ts`,
    import: { types: `./dist/${entry}.d.mts`, default: `./dist/${entry}.mjs` },
    require: { types: `./dist/${entry}.d.cts`, default: `./dist/${entry}.cjs` },
  };
}

/** @param {Readonly<Record<string, unknown>>} fields */
function withoutUndefined(fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
