import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { entriesOf, type Entry, type Manifest, readManifest } from './manifest.ts';

/** A package as npm would publish it, unpacked as npm would install it. */
export interface PackedPackage {
  /** Where it was packed from. */
  readonly folder: string;
  readonly tarball: string;
  readonly packedBytes: number;
  /** Everything in the tarball, as paths from its top. */
  readonly files: readonly string[];
  /** Where it is installed; the packages it depends on lie beside it. */
  readonly installed: string;
  /** A folder whose modules can import the package by its name. */
  readonly consumer: string;
  readonly manifest: Manifest;
  readonly entries: readonly Entry[];
}

/** What `npm pack --json` says about one package. */
interface PackReport {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

/** Packages packed and installed in a temporary folder, until it is disposed of. */
export class PackedPackages {
  readonly all: readonly PackedPackage[];
  readonly #temporary: string = mkdtempSync(join(tmpdir(), 'hygiene-packed-'));

  /** @param folders absolute; packed by one npm, which takes as long for one as for ten */
  constructor(folders: readonly string[]) {
    const options = ['--json', '--ignore-scripts', '--pack-destination', this.#temporary];
    const output = execFileSync('npm', ['pack', ...options, ...folders], { stdio: ['ignore', 'pipe', 'ignore'] });
    const reports = JSON.parse(output.toString()) as PackReport[];
    this.all = folders.map((folder, index) => {
      const report = reports[index];
      if (report === undefined) throw new RangeError(`npm did not pack ${folder}`);
      return this.#install(folder, report);
    });
  }

  #install(folder: string, { filename, size, files }: PackReport): PackedPackage {
    const manifest = readManifest(folder);
    const consumer = join(this.#temporary, filename.replace('.tgz', ''));
    const modules = join(consumer, 'node_modules');
    const installed = join(modules, manifest.name);
    const tarball = join(this.#temporary, filename);
    mkdirSync(installed, { recursive: true });
    execFileSync('tar', ['-xzf', tarball, '-C', installed, '--strip-components', '1']);
    for (const dependency of Object.keys(manifest.dependencies ?? {})) {
      const source = join(folder, '../../node_modules', dependency);
      const target = join(modules, dependency);
      if (!existsSync(source)) continue;
      mkdirSync(dirname(target), { recursive: true });
      symlinkSync(source, target, 'dir');
    }
    const paths = files.map(({ path }) => path);
    const entries = entriesOf(manifest);
    return { folder, tarball, packedBytes: size, files: paths, installed, consumer, manifest, entries };
  }

  [Symbol.dispose](): void {
    rmSync(this.#temporary, { recursive: true, force: true });
  }
}
