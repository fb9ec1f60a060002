import type { ClickHouseClient } from '@clickhouse/client';
import { activityStore } from './activities.ts';
import { agentStore } from './agents.ts';
import { courseActivityStore } from './course-activities.ts';
import { definitionStore } from './definitions.ts';
import { dueStatementStore } from './due-statements.ts';
import { createSelect } from './select.ts';
import { storeHealthStore } from './store-health.ts';
import { statementCountStore } from './statement-counts.ts';
import { statementStore } from './statements.ts';
import { verbStore } from './verbs.ts';
import { voidStore } from './voids.ts';

/** What records reads: the tables of lrs, by name; and its own, which it also writes. */
export interface Store {
  readonly statements: ReturnType<typeof statementStore>;
  readonly voids: ReturnType<typeof voidStore>;
  readonly definitions: ReturnType<typeof definitionStore>;
  readonly statementCounts: ReturnType<typeof statementCountStore>;
  readonly dueStatements: ReturnType<typeof dueStatementStore>;
  readonly storeHealth: ReturnType<typeof storeHealthStore>;
  readonly activities: ReturnType<typeof activityStore>;
  readonly agents: ReturnType<typeof agentStore>;
  readonly verbs: ReturnType<typeof verbStore>;
  readonly courseActivities: ReturnType<typeof courseActivityStore>;
}

export function createStore(clickHouse: ClickHouseClient, { searchBytes }: { searchBytes: number }): Store {
  const select = createSelect(clickHouse);
  return {
    statements: statementStore(select, searchBytes),
    voids: voidStore(select),
    definitions: definitionStore(select),
    statementCounts: statementCountStore(select),
    dueStatements: dueStatementStore(select),
    storeHealth: storeHealthStore(clickHouse),
    activities: activityStore(select),
    agents: agentStore(select),
    verbs: verbStore(select),
    courseActivities: courseActivityStore(clickHouse, select),
  };
}
