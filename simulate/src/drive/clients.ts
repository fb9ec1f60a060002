import { Pool } from 'undici';
import type { SimulationEnvironment } from '../env.ts';
import type { Tally } from '../report/tally.ts';
import { createGraph, type Graph } from './graph.ts';
import { createSession, type Session } from './sessions.ts';
import { createStatementSender, type StatementSender } from './statement-sender.ts';

/** What the simulation reaches the system through: connections that are kept, and two accounts of the staff. */
export interface Clients {
  readonly graph: Graph;
  readonly sender: StatementSender;
  readonly admin: Session;
  readonly author: Session;
  close(): Promise<void>;
}

const connections = 64;

/** @param stop aborted when the run is to end */
export function openClients(env: SimulationEnvironment, tally: Tally, stop: AbortSignal): Clients {
  const { origin, pathname } = new URL(env.GRAPHQL_URL);
  const graphPool = new Pool(origin, { connections });
  const lrsPool = new Pool(new URL(env.LRS_URL).origin, { connections });
  const graph = createGraph({ pool: graphPool, path: pathname, tally, stop });
  return {
    graph,
    sender: createStatementSender({ pool: lrsPool, key: env.LRS_KEY, secret: env.LRS_SECRET, tally, stop }),
    admin: createSession(graph, env.ADMIN_EMAIL, env.PASSWORD),
    author: createSession(graph, env.AUTHOR_EMAIL, env.PASSWORD),
    close: async () => {
      // Closing waits for answers, also for those that nobody waits for any more.
      await Promise.all([graphPool, lrsPool].map((pool) => (stop.aborted ? pool.destroy() : pool.close())));
    },
  };
}
