import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a published package says about itself. */
export interface Manifest {
  readonly name: string;
  readonly description?: string;
  readonly keywords?: readonly string[];
  readonly exports: Readonly<Record<string, EntryExports | string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  /** npm takes both spellings. */
  readonly bundledDependencies?: readonly string[];
  readonly bundleDependencies?: readonly string[];
  readonly scripts?: Readonly<Record<string, string>>;
  readonly patterns?: Budget;
}

/** The conditions under one key of `exports`. */
interface EntryExports {
  readonly '@patterns/source': string;
  readonly import: { readonly types: string; readonly default: string };
  readonly require: { readonly types: string; readonly default: string };
}

/** What the workspace holds a package to. */
interface Budget {
  /** `neutral` imports nothing of Node.js when it is loaded. One word for all entries, or one for each. */
  readonly platform?: Platform | Readonly<Record<string, Platform>>;
  /** Upper bound for each entry: bundled without the packages it depends on, minified, compressed with Brotli. */
  readonly maxBytes?: Readonly<Record<string, number>>;
  /** Upper bound for the tarball. */
  readonly maxPackedBytes?: number;
}

type Platform = 'neutral' | 'node';

/** One way into a package, with its files as paths from the folder of the package. */
export interface Entry {
  /** As in `exports`: `.` or `./testing`. */
  readonly name: string;
  readonly source: string;
  readonly esm: string;
  readonly cjs: string;
  readonly esmTypes: string;
  readonly cjsTypes: string;
}

export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** The entries with code: `./package.json` is a plain path. */
export function entriesOf({ exports }: Manifest): Entry[] {
  return Object.entries(exports).flatMap(([name, target]) => {
    if (typeof target === 'string') return [];
    return [
      {
        name,
        source: target['@patterns/source'],
        esm: target.import.default,
        cjs: target.require.default,
        esmTypes: target.import.types,
        cjsTypes: target.require.types,
      },
    ];
  });
}
