import { childEnvironment } from './child-environment.ts';

it('passes on how the machine is set up, not who runs the rehearsal', () => {
  const own = {
    PATH: '/bin',
    NODE_EXTRA_CA_CERTS: '/ca.crt',
    npm_config_registry: 'https://mirror.example/',
    npm_config_userconfig: '/home/me/.npmrc',
    npm_config_local_prefix: '/workspace',
    npm_config_workspace: 'tools/registry',
    npm_package_name: '@patterns-tools/registry',
    npm_lifecycle_event: 'rehearse',
    NODE_OPTIONS: '--conditions=@patterns/source',
    NODE_PATH: '/workspace/node_modules',
    GIT_DIR: '/workspace/.git',
    JEST_WORKER_ID: '1',
    NX_DAEMON: 'true',
  };
  const env = childEnvironment(own, '/temporary');
  expect(Object.keys(own).filter((name) => name in env)).toEqual([
    'PATH',
    'NODE_EXTRA_CA_CERTS',
    'npm_config_registry',
    'npm_config_userconfig',
  ]);
});

it('keeps what programs leave behind in one folder', () => {
  expect(childEnvironment({ TMPDIR: '/tmp', npm_config_cache: '/home/me/.npm' }, '/temporary')).toMatchObject({
    TMPDIR: '/temporary',
    npm_config_cache: '/temporary/npm-cache',
  });
});
