import { PackedPackages } from '../src/packed-package.ts';
import { rules } from '../src/rules.ts';
import { FixtureCopy } from './fixture-copy.ts';

// Linters and bundlers are started for each package.
jest.setTimeout(60_000);

interface Breach {
  readonly rule: keyof typeof rules;
  /** What is wrong, as the end of a sentence. */
  readonly what: string;
  readonly change: (copy: FixtureCopy) => void;
  readonly found: readonly unknown[];
}

const breaches: readonly Breach[] = [
  {
    rule: 'contents',
    what: 'a paper is missing',
    change: (copy) => {
      copy.remove('README.md');
      copy.create('CHANGELOG.md', '# Changes\n');
      copy.manifest({ files: ['dist', 'src', '!**/*.test.ts', '!CHANGELOG.md'] });
    },
    found: ['README.md is missing', 'CHANGELOG.md is missing'],
  },
  {
    rule: 'contents',
    what: 'a declaration was not built',
    change: (copy) => {
      copy.remove('dist/testing.d.cts');
    },
    found: ['dist/testing.d.cts is missing'],
  },
  {
    rule: 'contents',
    what: 'tests and configuration are packed',
    change: (copy) => {
      copy.manifest({ files: ['dist', 'src', 'jest.config.cjs'] });
    },
    found: ['jest.config.cjs does not belong', 'src/greet.test.ts does not belong'],
  },
  {
    rule: 'manifestFields',
    what: 'the manifest says too little, or something else',
    change: (copy) => {
      copy.manifest({
        description: 'Short',
        keywords: ['one'],
        license: 'UNLICENSED',
        repository: {
          type: 'git',
          url: 'git+https://github.com/patterns-ts/patterns.git',
          directory: 'packages/other',
        },
        engines: undefined,
        sideEffects: undefined,
        typesVersions: undefined,
        scripts: { postinstall: 'exit 1' },
        publishConfig: { access: 'public', provenance: true },
      });
    },
    found: [
      'license is "UNLICENSED", not "MIT"',
      'sideEffects is undefined, not false',
      'engines.node is undefined, not ">=20.19"',
      expect.stringMatching(/^repository.directory is "packages\/other", not "packages\/manifest-fields-/),
      'publishConfig.provenance is true, not undefined',
      'typesVersions.* is undefined, not {"testing":["./dist/testing.d.cts"]}',
      'description says too little',
      'keywords are fewer than three',
      'scripts.postinstall would run unasked',
    ],
  },
  {
    rule: 'dependencies',
    what: 'a foreign package would be installed',
    change: (copy) => {
      copy.manifest({
        dependencies: { '@patterns/errors': '^1.0.0', lodash: '^4.0.0' },
        peerDependencies: { ioredis: '^5.0.0', fastify: '^5.0.0' },
        peerDependenciesMeta: { ioredis: { optional: true } },
      });
    },
    found: ['depends on lodash, which is not ours', 'demands the peer fastify, which is not optional'],
  },
  {
    rule: 'publint',
    what: 'publint finds something',
    change: (copy) => {
      copy.manifest({ main: './dist/gone.cjs' });
    },
    found: [expect.stringContaining('FILE_DOES_NOT_EXIST')],
  },
  {
    rule: 'typesResolve',
    what: 'the declarations of one format are given for the other, and those of old resolvers are missing',
    change: (copy) => {
      copy.edit('package.json', (text) => text.replace('"types":"./dist/index.d.mts"', '"types":"./dist/index.d.cts"'));
      copy.edit('package.json', (text) => text.replaceAll('./dist/index.d.mts', './dist/index.d.cts'));
      copy.manifest({ typesVersions: undefined });
    },
    found: [expect.stringContaining('FalseCJS'), expect.stringContaining('"resolutionKind":"node10"')],
  },
  {
    rule: 'size',
    what: 'a budget is exceeded, missing, or of no entry',
    change: (copy) => {
      copy.manifest({ patterns: { maxBytes: { '.': 100, './gone': 1 }, maxPackedBytes: 1000 } });
    },
    found: [
      'patterns.maxBytes has ./gone, which is no entry',
      expect.stringMatching(/^the tarball has \d+ bytes: patterns.maxPackedBytes allows 1000$/),
      expect.stringMatching(/^\. has \d+ bytes: patterns.maxBytes\["."\] allows 100$/),
      expect.stringMatching(/^patterns.maxBytes\["\.\/testing"\] is missing: \.\/testing has \d+ bytes$/),
    ],
  },
  {
    rule: 'treeShaking',
    what: 'the top level ties the exports together',
    change: (copy) => {
      copy.append('dist/index.mjs', 'globalThis.registry?.add(Counter, greet);\n');
    },
    found: [expect.stringMatching(/^\.: the smallest export alone brings \d+ of \d+ bytes$/)],
  },
  {
    rule: 'inert',
    what: 'an import starts, listens, defines or enters something',
    change: (copy) => {
      copy.append(
        'dist/index.cjs',
        `setInterval(() => undefined, 1000).unref();
        process.on('exit', () => undefined);
        globalThis.leaked = 1;
        globalThis[Symbol.for('@patterns/fine')] = 1;
        new (require('node:async_hooks').AsyncLocalStorage)().enterWith(1);
        new (require('node:async_hooks').AsyncResource)('WORK');
        new (class extends require('node:async_hooks').AsyncResource { hasRef() { return false; } })('SCOPE');\n`,
      );
    },
    found: [
      'starts a Timeout',
      'enters an AsyncLocalStorage store',
      'starts a WORK',
      'listens to exit of process',
      'defines the global leaked',
    ].map((effect) => expect.stringMatching(new RegExp(`/inert-.* by require ${effect}$`)) as unknown),
  },
  {
    rule: 'inert',
    what: 'an import loads many files',
    change: (copy) => {
      const parts = Array.from({ length: 20 }, (_, index) => `part-${index}.cjs`);
      for (const part of parts) copy.create(`dist/${part}`, '');
      copy.append('dist/index.cjs', parts.map((part) => `require('./${part}');\n`).join(''));
    },
    found: [expect.stringMatching(/by require loads 21 files, more than 20$/)],
  },
  {
    rule: 'inert',
    what: 'a format does not load, or only where strings may become code',
    change: (copy) => {
      copy.append('dist/testing.cjs', 'throw new RangeError("not today");\n');
      copy.append('dist/index.mjs', 'new Function("return 1")();\n');
    },
    found: [
      expect.stringMatching(/by import fails: [^]*Code generation from strings disallowed/),
      expect.stringMatching(/testing by require fails: [^]*not today/),
    ],
  },
  {
    rule: 'neutral',
    what: 'the manifest does not say for which platform it is',
    change: (copy) => {
      copy.manifest({ patterns: {} });
    },
    found: [expect.stringContaining('patterns.platform is missing')],
  },
  {
    rule: 'neutral',
    what: 'an entry for every runtime imports or uses what only Node.js has',
    change: (copy) => {
      copy.append('dist/index.mjs', "import 'node:fs';\n");
      copy.append('dist/index.cjs', 'exports.pid = process.pid;\n');
    },
    found: [
      '.: ./dist/index.mjs does not bundle: Could not resolve "node:fs"',
      '.: ./dist/index.cjs does not load: ReferenceError: process is not defined',
    ],
  },
  {
    rule: 'neutral',
    what: 'another entry than those for Node.js does',
    change: (copy) => {
      copy.manifest({ patterns: { platform: { '.': 'node', './testing': 'neutral' } } });
      for (const path of ['dist/index.mjs', 'dist/testing.mjs']) copy.append(path, "import 'node:fs';\n");
    },
    found: ['./testing: ./dist/testing.mjs does not bundle: Could not resolve "node:fs"'],
  },
  {
    rule: 'syntax',
    what: 'there is code that fails for some users',
    change: (copy) => {
      copy.append('dist/index.mjs', 'export const where = import.meta.url;\n');
      copy.append('dist/testing.cjs', 'exports.is = (e) => e instanceof Error;\neval("1");\nnew Function("1");\n');
    },
    found: [
      expect.stringMatching(/^dist\/index.mjs:\d+ uses import.meta, which Jest in CommonJS mode cannot load$/),
      'dist/testing.cjs:3 uses `instanceof Error`, which fails across realms',
      'dist/testing.cjs:4 makes code from a string',
      'dist/testing.cjs:5 makes code from a string',
    ],
  },
];

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const copies = [
  new FixtureCopy('sound'),
  ...breaches.map(({ rule, change }, index) => {
    const copy = new FixtureCopy(`${kebab(rule)}-${index}`);
    change(copy);
    return copy;
  }),
];
let packed: PackedPackages;
beforeAll(() => {
  packed = new PackedPackages(copies.map(({ folder }) => folder));
});
afterAll(() => {
  for (const temporary of [packed, ...copies]) temporary[Symbol.dispose]();
});

function check(rule: string, index: number): unknown {
  const pkg = packed.all[index];
  return pkg && rules[rule]?.(pkg);
}

it.each(Object.keys(rules))('%s has nothing against a sound package', async (rule) => {
  expect(await check(rule, 0)).toEqual([]);
});

it.each(breaches.map(({ rule, what, found }, index) => [rule, what, found, index] as const))(
  '%s objects when %s',
  async (rule, _, found, index) => {
    expect(await check(rule, index + 1)).toEqual(found);
  },
);
