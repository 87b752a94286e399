import type { Consumer, Project } from './consumer.ts';
import { useEverywhere } from './use-everywhere.ts';

const run = () => Promise.reject(new Error('no program is to be run'));

const attempt = (packageName: string) => ({
  packageName,
  install: (): Promise<Project> =>
    Promise.resolve({
      packageName,
      folder: `/${packageName}`,
      manifest: { name: packageName, version: '1.0.0' },
      snippet: { code: '', imports: '', body: '', shown: [] },
    }),
});

const consumer = (name: string, use: Consumer['use'] = () => Promise.resolve()): Consumer => ({ name, use });

async function report(attempts: Parameters<typeof useEverywhere>[0], consumers: readonly Consumer[]) {
  const failures: (readonly string[])[] = [];
  const { rows, passed } = await useEverywhere(attempts, consumers, run, (...failure) => {
    failures.push(failure);
  });
  const kinds = Object.fromEntries(rows.map((row) => [row.consumer, row.verdicts.map(({ kind }) => kind)]));
  return { kinds, passed, failures };
}

it('lets every consumer use every package once', async () => {
  const used: string[] = [];
  const use = (name: string) =>
    consumer(name, ({ packageName }) => {
      used.push(`${name} ${packageName}`);
      return Promise.resolve();
    });
  await expect(report([attempt('a'), attempt('b')], [use('x'), use('y')])).resolves.toEqual({
    kinds: { 'npm install': ['ok', 'ok'], x: ['ok', 'ok'], y: ['ok', 'ok'] },
    passed: true,
    failures: [],
  });
  expect(used.sort()).toEqual(['x a', 'x b', 'y a', 'y b']);
});

it('goes on after a failure and tells of each', async () => {
  const use = consumer('x', ({ packageName }) =>
    packageName === 'a' ? Promise.reject(new Error('no x for a')) : Promise.resolve(),
  );
  await expect(report([attempt('a'), attempt('b')], [use, consumer('y')])).resolves.toEqual({
    kinds: { 'npm install': ['ok', 'ok'], x: ['failed', 'ok'], y: ['ok', 'ok'] },
    passed: false,
    failures: [['a', 'x', 'no x for a']],
  });
});

it('does not run the consumers of a package that could not be installed', async () => {
  const broken = { packageName: 'a', install: () => Promise.reject(new Error('no such package')) };
  await expect(report([broken, attempt('b')], [consumer('x')])).resolves.toEqual({
    kinds: { 'npm install': ['failed', 'ok'], x: ['not run', 'ok'] },
    passed: false,
    failures: [['a', 'npm install', 'no such package']],
  });
});

it('lets a consumer that can use all packages at once, and asks package by package only where that fails', async () => {
  const used: string[] = [];
  const atOnce = (name: string, use: Consumer['use'], useAll: Required<Consumer>['useAll']) => ({
    ...consumer(name, (project, run) => {
      used.push(`${name} ${project.packageName}`);
      return use(project, run);
    }),
    useAll,
  });
  const sound = atOnce(
    'sound',
    () => Promise.resolve(),
    (projects) => {
      used.push(`sound ${projects.map(({ packageName }) => packageName).join('+')}`);
      return Promise.resolve();
    },
  );
  const refusesA: Consumer['use'] = ({ packageName }) =>
    packageName === 'a' ? Promise.reject(new Error('no x for a')) : Promise.resolve();
  const broken = atOnce('x', refusesA, () => Promise.reject(new Error('one of them')));
  await expect(report([attempt('a'), attempt('b')], [broken, sound, consumer('y')])).resolves.toEqual({
    kinds: { 'npm install': ['ok', 'ok'], x: ['failed', 'ok'], sound: ['ok', 'ok'], y: ['ok', 'ok'] },
    passed: false,
    failures: [['a', 'x', 'no x for a']],
  });
  expect(used.sort()).toEqual(['sound a+b', 'x a', 'x b']);
});

it('passes over what a package does not claim', async () => {
  const picky = { ...consumer('x'), appliesTo: ({ packageName }: Project) => packageName === 'b' };
  await expect(report([attempt('a'), attempt('b')], [picky])).resolves.toMatchObject({
    kinds: { x: ['not claimed', 'ok'] },
    passed: true,
  });
});
