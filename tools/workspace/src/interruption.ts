import type { ProcessGroup } from './process-group.ts';

export interface Ending {
  /** Of the group; 130 or 143 if it was interrupted. */
  readonly exitCode: number;
  /** By Ctrl-C, or by a supervisor's SIGTERM. */
  readonly interrupted: boolean;
}

const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

/** Waits for the group, and ends it when somebody interrupts this process. */
export async function untilInterrupted(group: ProcessGroup): Promise<Ending> {
  let signal: keyof typeof exitCodes | undefined;
  const interrupt = (received: keyof typeof exitCodes): void => {
    signal = received;
    void group.end();
  };
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    const exitCode = await group.exitCode;
    if (signal === undefined) return { exitCode, interrupted: false };
    await group.end();
    return { exitCode: exitCodes[signal], interrupted: true };
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}
