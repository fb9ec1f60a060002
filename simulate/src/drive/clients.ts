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

export function openClients(env: SimulationEnvironment, tally: Tally): Clients {
  const { origin, pathname } = new URL(env.GRAPHQL_URL);
  const graphPool = new Pool(origin, { connections });
  const lrsPool = new Pool(new URL(env.LRS_URL).origin, { connections });
  const graph = createGraph(graphPool, pathname, tally);
  return {
    graph,
    sender: createStatementSender({ pool: lrsPool, key: env.LRS_KEY, secret: env.LRS_SECRET, tally }),
    admin: createSession(graph, env.ADMIN_EMAIL, env.PASSWORD),
    author: createSession(graph, env.AUTHOR_EMAIL, env.PASSWORD),
    close: async () => {
      await Promise.all([graphPool.close(), lrsPool.close()]);
    },
  };
}
