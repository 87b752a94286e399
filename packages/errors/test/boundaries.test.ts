import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import * as errors from '@patterns/errors';

const root = join(__dirname, '..');
class NotFound extends errors.defineError('NotFound', {
  code: 'BOUNDARY_NOT_FOUND',
  message: (d: { id: string }) => `no ${d.id}`,
}) {}
const EOF = errors.sentinel('end of file', { code: 'BOUNDARY_EOF' });

describe('an error', () => {
  it('crosses to another thread and comes back as what it was', async () => {
    const worker = new Worker(join(__dirname, 'fixtures', 'worker.cjs'));
    let message: unknown;
    try {
      worker.postMessage('7');
      [message] = (await once(worker, 'message')) as [unknown];
    } finally {
      await worker.terminate();
    }
    const error = errors.deserialize(message);
    expect(error.message).toBe('in the worker: no 7\nend of file');
    expect(errors.as(error, NotFound)?.details.id).toBe('7');
    expect(errors.is(error, EOF)).toBe(true);
    expect(error.stack).toContain('worker.ts');
  }, 20_000);

  it('is cloned as it is, but without its class, its code and its details: it is its serialised form that keeps these', () => {
    const joined = errors.join(new NotFound({ id: '7' }), EOF) as Error;
    const error = errors.wrap(joined, 'loading', { details: { table: 'users' } });
    for (const one of [error, joined, new NotFound({ id: '7' }), EOF]) {
      const clone = structuredClone(one);
      expect([clone.message, clone.stack, Object.keys(clone)]).toEqual([one.message, one.stack, []]);
    }
    expect(structuredClone(error).cause).toMatchObject({ message: 'no 7\nend of file' });
    const back = errors.deserialize(structuredClone(errors.serialize(error)));
    expect(back.message).toBe('loading: no 7\nend of file');
    expect(errors.as(back, NotFound)?.details.id).toBe('7');
    expect(errors.is(back, EOF)).toBe(true);
    expect(errors.details(back)).toEqual({ table: 'users', id: '7' });
  });

  it('crosses HTTP as problem details, and as the whole error', async () => {
    const server = createServer({ keepAliveTimeout: 0 }, (req, res) => {
      const error = errors.wrap(new NotFound({ id: '7' }, { retryAfterMs: 5 }), 'handling');
      const body =
        req.url === '/problem' ? errors.toProblem(error, { details: true, message: true }) : errors.serialize(error);
      res.writeHead(500, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const get = async (path: string): Promise<unknown> =>
      (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`)).json();
    let answers: readonly unknown[];
    try {
      answers = [await get('/problem'), await get('/')];
    } finally {
      server.close();
      server.closeAllConnections();
    }
    const [problem, whole] = [errors.fromProblem(answers[0]), errors.deserialize(answers[1])];
    expect(problem).toBeInstanceOf(NotFound);
    expect(problem).toMatchObject({ message: 'no 7', details: { id: '7' }, retryAfterMs: 5 });
    expect(errors.as(whole, NotFound)).toMatchObject({ message: 'no 7', details: { id: '7' }, retryAfterMs: 5 });
  });

  it('fits into one line of a log, and out of it again', () => {
    const line = JSON.stringify({
      level: 'error',
      err: errors.serialize(errors.wrap(new NotFound({ id: 'a\nb' }), 'x')),
    });
    expect(line).not.toContain('\n');
    const { err } = JSON.parse(line) as { err: unknown };
    expect(errors.as(errors.deserialize(err), NotFound)?.details.id).toBe('a\nb');
  });
});

describe('two copies of the package', () => {
  type Copy = typeof errors;
  const load = (): Copy => {
    let copy: Copy | undefined;
    jest.isolateModules(() => {
      copy = jest.requireActual<Copy>('@patterns/errors');
    });
    return copy as Copy;
  };
  const other = load();
  const made: [string, keyof Copy, (copy: Copy) => unknown][] = [
    ['wrap', 'WrappedError', (copy) => copy.wrap('x', 'y')],
    ['join', 'JoinedError', (copy) => copy.join('x')],
    ['permanent', 'PermanentError', (copy) => copy.permanent('x')],
    ['transient', 'TransientError', (copy) => copy.transient('x')],
    ['mark', 'MarkedError', (copy) => copy.mark('x', EOF)],
    ['opaque', 'OpaqueError', (copy) => copy.opaque('x')],
    ['deserialize', 'RemoteError', (copy) => copy.deserialize({ type: 'error', version: 1, name: 'X', message: '' })],
    ['new DeserializeError', 'DeserializeError', (copy) => new copy.DeserializeError()],
  ];

  it('are two', () => {
    expect(other.PatternError).not.toBe(errors.PatternError);
  });

  it.each(made)('know what %s of the other one made', (_, name, make) => {
    for (const [from, to] of [
      [errors, other],
      [other, errors],
    ] as const) {
      const type = to[name] as errors.ErrorType<Error>;
      const error = make(from);
      expect(error instanceof type).toBe(true);
      expect(error instanceof to.PatternError).toBe(true);
      expect(to.is(error, type)).toBe(true);
      expect(to.as(to.wrap(error, 'x'), type)).toBeDefined();
      expect(error instanceof (to[name === 'OpaqueError' ? 'MarkedError' : 'OpaqueError'] as errors.ErrorType)).toBe(
        false,
      );
      expect(to.classify(error)).toEqual(from.classify(error));
      expect(to.serialize(error)).toEqual(from.serialize(error));
      expect(to.isRemote(error)).toBe(name === 'RemoteError');
    }
  });

  it('share the registry, sentinels, hooks, and what was attached', () => {
    expect(other.sentinel('end of file', { code: 'BOUNDARY_EOF' })).toBe(EOF);
    const again = other.defineError('NotFound', { code: 'BOUNDARY_NOT_FOUND' });
    expect(new NotFound({ id: '7' }) instanceof again).toBe(true);
    expect(new again() instanceof NotFound).toBe(true);
    expect(() => other.defineError('Else', { code: 'BOUNDARY_NOT_FOUND' })).toThrow(TypeError);
    expect(errors.is(other.mark(new Error('x'), EOF), EOF)).toBe(true);
    const error = new Error('x');
    other.attach(error, new Error('secondary'));
    expect(errors.format(error)).toContain('also: Error: secondary');
    expect(errors.format(other.opaque(error, 'y'))).toContain('behind it: Error: x');
  });
});

describe('the sources', () => {
  const sources = readdirSync(join(root, 'src')).filter((file) => !file.endsWith('.test.ts'));

  it.each(sources)('%s imports nothing but its neighbours', (file) => {
    const imports = [...readFileSync(join(root, 'src', file), 'utf8').matchAll(/from '([^']+)'/g)].map(
      ([, specifier]) => specifier,
    );
    expect(imports.filter((specifier) => specifier?.startsWith('./') !== true)).toEqual([]);
  });

  it('run where code cannot be made from strings', async () => {
    const script = `
      const errors = await import('@patterns/errors');
      const E = errors.defineError('E', { code: 'E', message: (d) => d.text });
      const back = errors.deserialize(errors.serialize(errors.wrap(new E({ text: 't' }), 'w')));
      console.log(errors.is(back, E), errors.format(back, { stack: false }).split('\\n').length);
    `;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        '--disallow-code-generation-from-strings',
        '--import',
        'tsx',
        '--conditions=@patterns/source',
        '--input-type=module',
        '-e',
        script,
      ],
      {
        cwd: root,
        env: { ...process.env, FORCE_COLOR: '0', NO_COLOR: '1' },
        timeout: 15_000,
        killSignal: 'SIGKILL',
      },
    );
    expect(stdout).toBe('true 3\n');
  }, 20_000);
});
