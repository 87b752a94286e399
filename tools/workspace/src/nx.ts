import { untilInterrupted } from './interruption.ts';
import { ProcessGroup } from './process-group.ts';

/** Runs Nx with its output passed through. Resolves with its exit code. */
export async function nx(root: string, args: readonly string[]): Promise<number> {
  const { exitCode } = await untilInterrupted(
    new ProcessGroup(process.execPath, ['node_modules/nx/dist/bin/nx.js', ...args], {
      cwd: root,
      env: {
        // Nx forces colour otherwise, also into a pipe.
        ...(process.stdout.isTTY ? {} : { FORCE_COLOR: '0' }),
        ...process.env,
        // Plain lines instead of a full-screen interface: they can be read afterwards.
        NX_TUI: 'false',
        // Its runner in Rust panics without a controlling terminal, which a process group of its own does not have.
        NX_NATIVE_COMMAND_RUNNER: 'false',
        // A process for each plugin takes two seconds to start, at each start of Nx.
        NX_ISOLATE_PLUGINS: 'false',
      },
    }),
  );
  return exitCode;
}
