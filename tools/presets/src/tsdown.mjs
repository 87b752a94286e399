import { defineConfig } from 'tsdown';

/**
 * How every published package is built: an ES module and a CommonJS copy, each with declarations and source maps.
 *
 * @param {{ entries: readonly string[] }} options files in `src/` without their ending, one for each key of `exports` in the manifest
 */
export const definePackage = ({ entries }) =>
  defineConfig({
    entry: entries.map((entry) => `src/${entry}.ts`),
    // Jest before Node 24.9 cannot require an ES module, so both formats are shipped.
    format: ['esm', 'cjs'],
    outExtensions: ({ format }) => (format === 'cjs' ? { js: '.cjs', dts: '.d.cts' } : { js: '.mjs', dts: '.d.mts' }),
    target: 'node20.19',
    platform: 'neutral',
    dts: true,
    sourcemap: true,
    clean: true,
    logLevel: 'warn',
    // Users on lib ES2022 with skipLibCheck off: `Disposable` has to come from somewhere.
    banner: { dts: '/// <reference lib="esnext.disposable" />' },
    // What else can be wrong with a package, tests of its tarball say.
    publint: { strict: true },
  });
