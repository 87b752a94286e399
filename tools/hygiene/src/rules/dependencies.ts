import type { PackedPackage } from '../packed-package.ts';

/** Whoever installs one package gets packages of ours and no others; a client of a server is brought by its user. */
export function dependencies({ manifest }: PackedPackage): string[] {
  const installed = { ...manifest.dependencies, ...manifest.optionalDependencies };
  const foreign = Object.keys(installed).filter((name) => !name.startsWith('@patterns/'));
  const demanded = Object.keys(manifest.peerDependencies ?? {}).filter(
    (name) => manifest.peerDependenciesMeta?.[name]?.optional !== true,
  );
  const bundled = manifest.bundledDependencies ?? manifest.bundleDependencies ?? [];
  return [
    ...foreign.map((name) => `depends on ${name}, which is not ours`),
    ...demanded.map((name) => `demands the peer ${name}, which is not optional`),
    ...bundled.map((name) => `bundles ${name}`),
  ];
}
