import { EngineError, freePort, requireFreePort } from '@lyceum/engines';
import type { PortVariable } from '../services.ts';
import { StartFault } from '../start-fault.ts';

/** A port that this start will listen on. */
export interface WantedPort {
  readonly owner: string;
  readonly variable: PortVariable;
  readonly port: number;
}

/**
 * Makes sure that every port is free, and gives those asked for as 0 a free one.
 *
 * @param orphan the port that a PostgreSQL of our own data still holds, which the next one there will have
 * @throws StartFault that lists every port that is taken, by whom where that can be found, and its variable.
 */
export async function requirePorts(
  host: string,
  wanted: readonly WantedPort[],
  orphan?: number,
): Promise<Map<PortVariable, number>> {
  const results = await Promise.allSettled(wanted.map((wish) => claim(host, wish, orphan)));
  const faults = results.flatMap((result) =>
    result.status === 'rejected' ? [messageOf(result.reason)] : [],
  );
  if (faults.length > 0) throw new StartFault(faults.join('\n'));
  return new Map(results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])));
}

async function claim(
  host: string,
  { owner, variable, port }: WantedPort,
  orphan: number | undefined,
): Promise<[PortVariable, number]> {
  if (port === 0) return [variable, await freePort(host)];
  const isOurs = variable === 'POSTGRES_PORT' && port === orphan;
  if (!isOurs) await requireFreePort({ engine: owner, host, port, variable });
  return [variable, port];
}

function messageOf(reason: unknown): string {
  if (reason instanceof EngineError) return reason.message;
  throw reason;
}
