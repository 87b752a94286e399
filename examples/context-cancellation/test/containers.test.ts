import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { Ajv } from 'ajv';
import { parse } from 'yaml';

import { Image } from './image.ts';

interface ComposeService {
  readonly build: { readonly context: string; readonly dockerfile: string };
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck: { readonly test: readonly string[] };
}

const example = join(__dirname, '..');
const text = readFileSync(join(example, 'compose.yaml'), 'utf8');
const compose = parse(text, { merge: true }) as { readonly services: Readonly<Record<string, ComposeService>> };
const names = Object.keys(compose.services);
const serviceOf = (name: string): ComposeService => compose.services[name] as ComposeService;

describe('compose.yaml', () => {
  it('is what the schema of the Compose specification allows', () => {
    const path = join(dirname(require.resolve('dclint/package.json')), 'schemas/compose.schema.json');
    const schema = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    // The address of its meta schema, which would have to be fetched.
    delete schema['$schema'];
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema);
    validate(compose);
    expect(validate.errors).toBeNull();
    expect(validate({ services: { order: { port: '8080' } } })).toBe(false);
  });

  it('has three services, and nobody waits for one that is not there', () => {
    expect(names).toEqual(['inventory', 'payment', 'order']);
    for (const { depends_on = {} } of Object.values(compose.services)) {
      for (const name of Object.keys(depends_on)) expect(names).toContain(name);
    }
  });

  it('says nothing in which a shell or Compose would see a variable', () => {
    expect(text).not.toContain('$');
  });
});

describe('the images', () => {
  const images = new Map<string, Image>();
  const imageOf = (name: string): Image => images.get(name) as Image;
  const running = new Map<string, { readonly process: ChildProcess; readonly port: number }>();
  const started = new Set<ChildProcess>();
  beforeAll(() => {
    for (const name of names) {
      const { context, dockerfile } = serviceOf(name).build;
      const folder = resolve(example, context);
      images.set(name, Image.build(join(folder, dockerfile), folder));
    }
  });
  afterAll(async () => {
    for (const process of started) {
      if (process.exitCode !== null || process.signalCode !== null) continue;
      process.kill('SIGKILL');
      await once(process, 'exit');
    }
    for (const image of images.values()) image[Symbol.dispose]();
  });

  /** In the place of a container: the command of the image, where its files are, with the addresses of this machine. */
  const run = (name: string, command: readonly string[], more: Readonly<Record<string, string>>): ChildProcess => {
    const [program = '', ...args] = command;
    expect(program).toBe('node');
    const env = { PATH: process.env['PATH'], ...imageOf(name).env, ...more, ...typeScriptEnv() };
    const cwd = imageOf(name).folder;
    const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] });
    started.add(child);
    return child;
  };

  const start = async (name: string): Promise<void> => {
    const urls = Object.entries(serviceOf(name).environment ?? {}).map(([variable, value]) => {
      const { hostname, port } = new URL(value);
      // Of the network between the containers, where each has its own address.
      expect(imageOf(hostname).exposed).toEqual([Number(port)]);
      return [variable, `http://127.0.0.1:${running.get(hostname)?.port}`];
    });
    const child = run(name, imageOf(name).command, {
      ...(Object.fromEntries(urls) as Record<string, string>),
      HOST: '127.0.0.1',
      PORT: '0',
    });
    if (child.stdout === null) throw new Error('no output');
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const { event, port } = JSON.parse(line) as { event: string; port: number };
    expect(event).toBe('listening');
    running.set(name, { process: child, port });
  };

  it('listen, in the container, where they say', () => {
    for (const name of names) {
      const { env, exposed, base } = imageOf(name);
      expect(env).toMatchObject({ HOST: '0.0.0.0', PORT: String(exposed[0]) });
      expect(base).toBe('node:24-slim');
    }
    expect(serviceOf('order').ports).toEqual([`127.0.0.1:8080:${imageOf('order').exposed[0]}`]);
  });

  it('hold all that their commands need: the three of them, started in the order of compose.yaml, take an order', async () => {
    for (const name of names) await start(name);
    const url = `http://127.0.0.1:${running.get('order')?.port}`;
    const response = await fetch(`${url}/orders/book`, {
      method: 'POST',
      headers: { 'x-request-timeout-ms': '20000' },
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      packed: { packed: 'book' },
      charged: { charged: 'book' },
      tax: 0.07,
    });
  }, 60_000);

  it.each(['inventory', 'payment', 'order'])(
    '%s is found healthy as long as it is there',
    async (name) => {
      const [kind, ...command] = serviceOf(name).healthcheck.test;
      expect(kind).toBe('CMD');
      const { port = 0, process: service } = running.get(name) ?? {};
      const check = async (): Promise<number | null> => {
        const exited = once(run(name, command, { PORT: String(port) }), 'exit') as Promise<[number | null]>;
        const [code] = await exited;
        return code;
      };
      expect(await check()).toBe(0);
      service?.kill('SIGTERM');
      if (service !== undefined) expect(await once(service, 'exit')).toEqual([0, null]);
      expect(await check()).toBe(1);
    },
    60_000,
  );
});

/** What Node.js 24, of which the images are made, does by itself. */
function typeScriptEnv(): Record<string, string> {
  if (Number.parseInt(process.versions.node) >= 24) return {};
  return { NODE_OPTIONS: `--import=${pathToFileURL(require.resolve('tsx')).href}` };
}
