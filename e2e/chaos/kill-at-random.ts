import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '@lyceum/testing';
import type { Ledger } from './load/ledger.ts';
import type { Random } from './random.ts';
import { killProcess, withChildren } from './system/process-tree.ts';
import type { LrsSystem } from './system/lrs-system.ts';

/** How long all may be down after a kill before that is a fault of its own. */
const recoveryMs = 90_000;

/** Some kills come into the recovery from the last one. */
const impatience = 0.25;

/**
 * Kills processes of a system, a random one each time: what the supervisor started, or what that one has started itself, such
 * as PostgreSQL's postmaster.
 *
 * @returns how often each was killed
 */
export async function killAtRandom(o: {
  system: LrsSystem;
  ledger: Ledger;
  random: Random;
  kills: number;
  pauseSeconds: number;
  /** As in ChaosOptions. */
  only: readonly string[];
  onKill: (line: string) => void;
}): Promise<Record<string, number>> {
  const { system, ledger, random, kills, pauseSeconds, only, onKill } = o;
  const killed: Record<string, number> = {};

  async function untilMoreIsAccepted(): Promise<void> {
    const before = ledger.accepted.length;
    await eventually(
      () => {
        if (ledger.accepted.length === before) throw new Error('Nothing is accepted any more.');
      },
      { timeoutMs: recoveryMs, pauseMs: 20 },
    ).catch((error: unknown) => {
      ledger.fault(String(error));
      throw error;
    });
  }

  function killOne(): string | undefined {
    const running = [...system.running()].filter(([name]) => only.length === 0 || only.includes(name)).sort();
    if (running.length === 0) return undefined;
    const [name, root] = random.pick(running);
    const pid = random.pick(withChildren(root));
    if (!killProcess(pid)) return undefined;
    killed[name] = (killed[name] ?? 0) + 1;
    return `${name}${pid === root ? '' : ` (process ${pid} within it)`}`;
  }

  for (let count = 0; count < kills;) {
    // From almost nothing to twice the average.
    await delay(random.next() * 2_000 * pauseSeconds);
    if (random.next() > impatience) await untilMoreIsAccepted();
    const who = killOne();
    if (who === undefined) continue;
    count += 1;
    onKill(`kill ${count} of ${kills}: ${who}`);
  }
  await untilMoreIsAccepted();
  return killed;
}
