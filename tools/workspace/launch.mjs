// Entry of `npm start`, `npm test` and `npm run check`: makes sure that the workspace can run, then hands over to `src/`.
// It runs before anything is installed, and on a Node that may be too old: no dependency, no recent syntax.
import { spawnSync } from 'child_process';
import { statSync } from 'fs';
import { dirname, join } from 'path';
import { fileURLToPath, pathToFileURL } from 'url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const [command, ...args] = process.argv.slice(2);

refuseOldNode('20.19.0', process.versions.node);
installWhatIsMissing();
import(pathToFileURL(join(root, 'node_modules', 'tsx', 'dist', 'esm', 'api', 'index.mjs')).href)
  .then((tsx) => {
    tsx.register();
    return import(`./src/${command}.ts`);
  })
  .then((module) => module.main(root, args))
  .then((exitCode) => {
    process.exitCode = exitCode;
  });

/**
 * @param {string} required
 * @param {string} actual
 */
function refuseOldNode(required, actual) {
  if (actual.localeCompare(required, 'en', { numeric: true }) >= 0) return;
  console.error(`@patterns needs Node ${required} or newer; this is Node ${actual}.`);
  process.exit(1);
}

function installWhatIsMissing() {
  // npm writes this file at the end of every install.
  const installedAt = modifiedAt(join(root, 'node_modules', '.package-lock.json'));
  if (installedAt >= modifiedAt(join(root, 'package-lock.json'))) return;
  console.log(
    installedAt === 0
      ? 'Nothing is installed yet: running npm ci (half a minute).'
      : 'package-lock.json is newer than what is installed: running npm ci (half a minute).',
  );
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) {
    console.error('npm ci failed: see above.');
    process.exit(status === null ? 130 : status);
  }
}

/** @param {string} file */
function modifiedAt(file) {
  try {
    return statSync(file).mtimeMs;
  } catch {
    return 0;
  }
}
