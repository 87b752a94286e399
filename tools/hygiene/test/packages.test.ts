import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { PackedPackages } from '../src/packed-package.ts';
import { rules } from '../src/rules.ts';

const packages = resolve(__dirname, '../../../packages');
const names = readdirSync(packages).filter((name) => existsSync(join(packages, name, 'package.json')));

// Linters and bundlers are started for each package.
jest.setTimeout(60_000);

let packed: PackedPackages;
beforeAll(() => {
  packed = new PackedPackages(names.map((name) => join(packages, name)));
});
afterAll(() => {
  packed[Symbol.dispose]();
});

describe.each(names)('%s keeps to', (name) => {
  it.each(Object.entries(rules))('%s', async (_, rule) => {
    const pkg = packed.all[names.indexOf(name)];
    expect(pkg && (await rule(pkg))).toEqual([]);
  });
});
