import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const sound = join(__dirname, 'fixtures/sound');

type Json = Record<string, unknown>;

/** A copy of the sound package in a folder of its own, to break one thing in it. */
export class FixtureCopy {
  readonly folder: string;
  readonly #parent: string;

  constructor(name: string) {
    this.#parent = mkdtempSync(join(tmpdir(), 'hygiene-'));
    this.folder = join(this.#parent, name);
    cpSync(sound, this.folder, { recursive: true });
    this.edit('package.json', (text) => text.replaceAll('/sound', `/${name}`));
  }

  edit(path: string, change: (text: string) => string): void {
    const file = join(this.folder, path);
    writeFileSync(file, change(readFileSync(file, 'utf8')));
  }

  append(path: string, text: string): void {
    this.edit(path, (old) => old + text);
  }

  /** @param fields take the place of those in the manifest; `undefined` removes one */
  manifest(fields: Json): void {
    this.edit('package.json', (text) => JSON.stringify({ ...(JSON.parse(text) as Json), ...fields }));
  }

  create(path: string, text: string): void {
    writeFileSync(join(this.folder, path), text);
  }

  remove(path: string): void {
    rmSync(join(this.folder, path), { recursive: true });
  }

  [Symbol.dispose](): void {
    rmSync(this.#parent, { recursive: true, force: true });
  }
}
