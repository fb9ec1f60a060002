import type { ProcessLayout } from '../layout.ts';
import type { ManagedProcess, ProcessState } from './managed-process.ts';

/** All processes of the system, as one. */
export interface Supervisor {
  /** Resolves when every process is ready. @throws StartError of the first that is not. */
  start(onReady: (name: string, milliseconds: number) => void): Promise<void>;
  /** Tier by tier, intake first; a process that takes too long is ended. Answers the names of those. */
  stop(): Promise<string[]>;
  /** At once, without being asked. */
  kill(): void;
  states(): ProcessState[];
}

/** What each tier may take; together they stay within the ten seconds that people are promised. */
const graceMsOfTier = { 2: 3_000, 1: 3_000, 0: 3_500 } as const;

/**
 * @param create makes the process; called when its engines answer, so that their addresses are known
 */
export function createSupervisor(
  layout: readonly ProcessLayout[],
  create: (layout: ProcessLayout) => Promise<ManagedProcess>,
): Supervisor {
  const processes = new Map<string, ManagedProcess>();
  let stopping = false;

  async function stopTier(tier: ProcessLayout['tier']): Promise<string[]> {
    const members = layout
      .filter((entry) => entry.tier === tier)
      .flatMap(({ name }) => processes.get(name) ?? []);
    const inTime = await Promise.all(members.map((member) => member.stop(graceMsOfTier[tier])));
    return members.filter((_, index) => !inTime[index]).map(({ name }) => name);
  }

  return {
    async start(onReady) {
      const ready = new Map<string, Promise<void>>();
      const run = async (entry: ProcessLayout): Promise<void> => {
        await Promise.all(entry.needs.flatMap((engine) => ready.get(engine) ?? []));
        if (stopping) return;
        const began = Date.now();
        const managed = await create(entry);
        processes.set(entry.name, managed);
        await managed.start();
        onReady(entry.name, Date.now() - began);
      };
      // Engines come first in the layout, so that the promise that a service waits for exists.
      for (const entry of layout) ready.set(entry.name, run(entry));
      await Promise.all(ready.values());
    },
    async stop() {
      stopping = true;
      const overdue: string[] = [];
      for (const tier of [2, 1, 0] as const) overdue.push(...(await stopTier(tier)));
      return overdue;
    },
    kill() {
      stopping = true;
      // Engines stop by themselves when the supervisor is gone: a database is not worth a few seconds.
      for (const { name } of layout.filter(({ tier }) => tier > 0)) processes.get(name)?.kill();
    },
    states: () => [...processes.values()].map((managed) => managed.state()),
  };
}
