import { untilInterrupted } from './interruption.ts';
import { ProcessGroup } from './process-group.ts';

/** Runs Nx with its output passed through. Resolves with its exit code. */
export async function nx(root: string, args: readonly string[]): Promise<number> {
  const { exitCode } = await untilInterrupted(
    new ProcessGroup(process.execPath, ['node_modules/nx/dist/bin/nx.js', ...args], {
      cwd: root,
      // Plain lines instead of a full-screen interface: they can be read afterwards, and piped. Nx forces colour otherwise.
      env: { ...(process.stdout.isTTY ? {} : { FORCE_COLOR: '0' }), ...process.env, NX_TUI: 'false' },
    }),
  );
  return exitCode;
}
