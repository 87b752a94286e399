/** No cycle, neither of packages nor of the files in one; what only the compiler sees counts too, as a reader follows it all the same. */
module.exports = {
  forbidden: [{ name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } }],
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
