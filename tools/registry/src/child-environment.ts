import { join } from 'node:path';

/** What `npm run`, a Git hook or a test runner says about itself, which would lead npm, Git or Node astray elsewhere. */
const misleading =
  /^(npm_(package|lifecycle)_|npm_command$|npm_config_(local_prefix|workspace|prefix$)|INIT_CWD$|GIT_|NODE_(OPTIONS|ENV|PATH)$|JEST_|NX_)/i;

/**
 * The environment of the programs of a rehearsal. What they leave in the temporary folder goes when `temporaryFolder` goes; npm gets a
 * cache of its own there, since the cache of the machine may know the same version of a package from an earlier rehearsal.
 */
export function childEnvironment(own: NodeJS.ProcessEnv, temporaryFolder: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(own).filter(([name]) => !misleading.test(name));
  return {
    ...Object.fromEntries(inherited),
    TMPDIR: temporaryFolder,
    CI: 'true',
    FORCE_COLOR: '0',
    NO_COLOR: '1',
    npm_config_cache: join(temporaryFolder, 'npm-cache'),
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
  };
}
