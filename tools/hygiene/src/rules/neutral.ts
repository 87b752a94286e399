import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';

import type { BuildFailure } from 'esbuild';

import { bundle, quote } from './bundle.ts';
import type { PackedPackage } from '../packed-package.ts';

/** What other runtimes have beside the language itself. No `process`, no `require`, no `Buffer`. */
const webGlobals = {
  AbortController,
  AbortSignal,
  DOMException,
  Event,
  EventTarget,
  Headers,
  Request,
  Response,
  TextDecoder,
  TextEncoder,
  URL,
  URLSearchParams,
  clearInterval,
  clearTimeout,
  fetch,
  performance,
  queueMicrotask,
  setInterval,
  setTimeout,
  structuredClone,
};

/** An entry for every runtime names no module of Node.js and loads, with all it imports, where only the web is known. */
export async function neutral({ installed, manifest, entries }: PackedPackage): Promise<string[]> {
  const platform = manifest.patterns?.platform;
  if (platform === undefined) return ['patterns.platform is missing: "neutral", "node", or one of them for each entry'];
  const platformOf = (name: string) => (typeof platform === 'string' ? platform : platform[name]);

  const problems: string[] = [];
  for (const { name, esm, cjs } of entries.filter((entry) => platformOf(entry.name) === 'neutral')) {
    for (const path of [esm, cjs]) {
      try {
        const code = await bundle(`export * from ${quote(join(installed, path))}`, { format: 'iife', external: [] });
        runInContext(code, createContext({ ...webGlobals }));
      } catch (error) {
        problems.push(...reasons(error).map((reason) => `${name}: ${path} ${reason}`));
      }
    }
  }
  return problems;
}

function reasons(error: unknown): string[] {
  const { errors } = error as Partial<BuildFailure>;
  return errors?.map(({ text }) => `does not bundle: ${text}`) ?? [`does not load: ${String(error)}`];
}
