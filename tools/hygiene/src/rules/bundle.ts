import { build, type BuildOptions } from 'esbuild';

/** Bundles a module of a few lines, minified, and gives the code. */
export async function bundle(code: string, options: BuildOptions = {}): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: '/' },
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    logLevel: 'silent',
    external: ['@patterns/*', 'node:*'],
    ...options,
  });
  return outputFiles?.[0]?.text ?? '';
}

/** A path as it stands in an import. */
export function quote(path: string): string {
  return JSON.stringify(path);
}
