import type { ProcessLayout } from '../layout.ts';
import type { ManagedProcess, ProcessState } from './managed-process.ts';

/** All processes of the system, as one. */
export interface Supervisor {
  /** Resolves when every process is ready. @throws StartError of the first that is not. */
  start(onReady: (name: string, milliseconds: number) => void): Promise<void>;
  /**
   * Tier by tier, intake first; a process that takes too long is ended. Answers the names of those, when nothing is
   * left that `start` has begun.
   */
  stop(): Promise<string[]>;
  /** At once, without being asked. */
  kill(): void;
  states(): ProcessState[];
}

/** All tiers together stay within the ten seconds that people are promised; engines may take what the others left. */
const graceMs = 9_500;
const graceMsOfService = 3_000;

/**
 * @param create makes the process; called when its engines answer, so that their addresses are known
 */
export function createSupervisor(
  layout: readonly ProcessLayout[],
  create: (layout: ProcessLayout) => Promise<ManagedProcess>,
): Supervisor {
  const processes = new Map<string, ManagedProcess>();
  const runs = new Map<string, Promise<void>>();
  let stopping = false;
  const hasStopped = () => stopping;

  async function run(entry: ProcessLayout, onReady: (name: string, ms: number) => void): Promise<void> {
    await Promise.all(entry.needs.flatMap((engine) => runs.get(engine) ?? []));
    if (hasStopped()) return;
    const began = Date.now();
    const managed = await create(entry);
    // From here to its start nothing is awaited: a stop finds it running, or it never runs.
    if (hasStopped()) return;
    processes.set(entry.name, managed);
    await managed.start();
    onReady(entry.name, Date.now() - began);
  }

  async function stopTier(tier: ProcessLayout['tier'], withinMs: number): Promise<string[]> {
    const members = layout
      .filter((entry) => entry.tier === tier)
      .flatMap(({ name }) => processes.get(name) ?? []);
    const inTime = await Promise.all(members.map((member) => member.stop(withinMs)));
    return members.filter((_, index) => !inTime[index]).map(({ name }) => name);
  }

  return {
    async start(onReady) {
      // Engines come first in the layout, so that the promise that a service waits for exists.
      for (const entry of layout) runs.set(entry.name, run(entry, onReady));
      await Promise.all(runs.values());
    },
    async stop() {
      stopping = true;
      const deadline = Date.now() + graceMs;
      const overdue: string[] = [];
      for (const tier of [2, 1] as const) overdue.push(...(await stopTier(tier, graceMsOfService)));
      overdue.push(...(await stopTier(0, deadline - Date.now())));
      await Promise.allSettled(runs.values());
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
