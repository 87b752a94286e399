import { once } from 'node:events';
import { type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { join } from 'node:path';

import { runServer } from 'verdaccio';

export interface Registry {
  readonly scope: string;
  readonly url: string;
  /** Lines of an `.npmrc` that send the scope here, and nothing else. */
  readonly npmrc: string;
  /** The version that `latest` stands for. */
  latestVersion(packageName: string): Promise<string | undefined>;
  stop(): Promise<void>;
}

/**
 * A Verdaccio on a free loopback port, in this process so that it cannot outlive it. It holds one scope and no copy of anything else: the rest
 * comes from the registry that the machine is set up for.
 */
export async function startRegistry(folder: string, scope: string): Promise<Registry> {
  const server = (await runServer({
    storage: join(folder, 'storage'),
    self_path: folder,
    configPath: join(folder, 'config.yaml'),
    uplinks: {},
    packages: { [`${scope}/*`]: { access: '$all', publish: '$all', unpublish: '$all' } },
    auth: { htpasswd: { file: join(folder, 'htpasswd'), max_users: -1 } },
    log: { type: 'stdout', format: 'pretty', level: 'fatal' },
    max_body_size: '50mb',
    web: { enable: false },
  })) as Server;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    scope,
    url: `http://${host}/`,
    // Verdaccio lets anybody publish here, but npm refuses to try without a token.
    npmrc: `${scope}:registry=http://${host}/\n//${host}/:_authToken=rehearsal\n`,
    async latestVersion(packageName) {
      const response = await fetch(`http://${host}/${packageName.replace('/', '%2f')}`);
      if (response.status === 404) return undefined;
      const { 'dist-tags': tags } = (await response.json()) as { 'dist-tags': { latest?: string } };
      return tags.latest;
    },
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
