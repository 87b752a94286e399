/**
 * No cycle, neither of packages nor of the files in one. Files whose classes name each other as types only, as a node and its owner do, are loaded in any
 * order, and are none.
 */
module.exports = {
  forbidden: [
    {
      name: 'no-cycle',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules/(?!@patterns/)' },
    exclude: { path: '\\.test\\.ts$|/dist/' },
    tsPreCompilationDeps: true,
    preserveSymlinks: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@patterns/source', 'import', 'types'],
      extensions: ['.ts', '.mjs', '.js'],
    },
  },
};
