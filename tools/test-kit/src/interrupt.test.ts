import { interrupt } from './interrupt.ts';

const cwd = __dirname;

it('tells how a program ends that is interrupted, and what it printed until then', async () => {
  const program = `
    process.on('SIGTERM', () => process.exit(7));
    setInterval(() => console.log('working'), 1);
  `;
  const ended = await interrupt(['-e', program], { cwd, signal: 'SIGTERM', when: /working\nworking/ });
  expect(ended).toMatchObject({ exitCode: 7, leftBehind: [] });
  expect(ended.output).toMatch(/^(working\n){2,}/);
  expect(ended.tookMs).toBeGreaterThan(0);
});

it('names the child that a program leaves behind', async () => {
  const child = `setTimeout(() => {}, 20_000)`;
  const program = `
    process.on('SIGINT', () => process.exit(130));
    const { pid } = require('node:child_process').spawn(process.execPath, ['-e', '${child}'], { stdio: 'ignore' });
    console.log(pid);
  `;
  const { exitCode, output, leftBehind } = await interrupt(['-e', program], { cwd, when: /\n/ });
  process.kill(Number(output));
  expect(exitCode).toBe(130);
  expect(leftBehind).toEqual([expect.stringContaining(child)]);
});

it('says of a program that did not listen what a shell would say', async () => {
  const program = `setInterval(() => console.log('working'), 1)`;
  expect(await interrupt(['-e', program], { cwd })).toMatchObject({ exitCode: 130 });
});

it('holds a program where it is to be interrupted: it cannot end before', async () => {
  const program = `console.log('first'); console.log('last'); process.exit(0)`;
  expect(await interrupt(['-e', program], { cwd, when: /first/ })).toMatchObject({ exitCode: 130, output: 'first\n' });
});

it('lets a program alone that prints nothing of the kind', async () => {
  const program = `console.log('done')`;
  const ended = await interrupt(['-e', program], { cwd, when: /working/ });
  expect(ended).toEqual({ exitCode: 0, output: 'done\n', tookMs: NaN, leftBehind: [] });
});
