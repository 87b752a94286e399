import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** What a module exports when it is loaded, or why it could not be. */
export type Loaded = { readonly names: readonly string[] } | { readonly error: string };

const loadAll = `
  const { pathToFileURL } = require('node:url');
  const load = async (file) => (file.endsWith('.cjs') ? require(file) : import(pathToFileURL(file).href));
  const attempt = (file) =>
    load(file).then(
      (exported) => ({ names: Object.keys(exported) }),
      (error) => ({ error: String(error) }),
    );
  Promise.all(process.argv.slice(1).map(attempt)).then((all) => process.stdout.write(JSON.stringify(all)));
`;

/** Loads built modules in a process of their own, as Node.js would for a user. */
export async function runtimeExports(folder: string, paths: readonly string[]): Promise<Loaded[]> {
  const files = paths.map((path) => join(folder, path));
  const { stdout } = await promisify(execFile)(process.execPath, ['--eval', loadAll, ...files]);
  return JSON.parse(stdout) as Loaded[];
}
