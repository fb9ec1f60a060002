/** How a process of Node is to run. */
export interface Runtime {
  readonly nodeFlags: readonly string[];
  /** As nice(1) has it. */
  readonly niceness: number;
}

/**
 * The options of `fork` for it. The niceness is set before Node runs: on Linux each thread has its own, and Node's are
 * there before any line of ours.
 */
export function runtimeOf({ niceness, nodeFlags }: Runtime): { execPath?: string; execArgv: string[] } {
  if (niceness === 0) return { execArgv: [...nodeFlags] };
  return { execPath: 'nice', execArgv: ['-n', String(niceness), process.execPath, ...nodeFlags] };
}
