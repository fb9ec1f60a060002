import type { LiveTopic } from '@lyceum/events';
import { createCourseActivities } from './domain/course-activity.ts';
import type { ForwardingCredentials, Outward, OutwardRules } from '@lyceum/service';
import { createForwardingTests } from './domain/forwarding-test.ts';
import type { Names } from './domain/names.ts';
import { createStatementForwardings, type ChangedForwarding } from './domain/statement-forwardings.ts';
import { createStatements, type LiveStatement } from './domain/statements.ts';
import { createStoreExports } from './domain/store-exports.ts';
import { createStoreFiles } from './domain/store-files.ts';
import { createStoreJobs, type ChangedStoreJob } from './domain/store-jobs.ts';
import type { ForwardingEvents } from './events/forwarding-events.ts';
import { storeJobEvents as events } from './events/store-job-events.ts';
import type { Database } from './store/database.ts';
import type { Store } from './store/store.ts';

/** What resolvers call. */
export type Services = ReturnType<typeof createServices>;

/** The whole domain, wired. */
export function createServices(parts: {
  store: Store;
  database: Database;
  live: LiveTopic<LiveStatement>;
  liveStoreJobs: LiveTopic<ChangedStoreJob>;
  xapiUrl: string;
  names: Names;
  forwarding: {
    events: ForwardingEvents;
    live: LiveTopic<ChangedForwarding>;
    credentials: ForwardingCredentials;
    outward: Outward;
    rules: OutwardRules;
    ownUrls: readonly string[];
  };
}) {
  const { store, database, live, names, forwarding } = parts;
  const statementForwardings = createStatementForwardings({ database, names, ...forwarding });
  const storeJobs = createStoreJobs({ database, events, live: parts.liveStoreJobs });
  return {
    statements: createStatements({ store, names, live }),
    courseActivities: createCourseActivities({ store }),
    names,
    storeJobs,
    storeExports: createStoreExports({ storeJobs, names }),
    storeFiles: createStoreFiles(parts.xapiUrl),
    statementForwardings,
    forwardingTests: createForwardingTests({ forwardings: statementForwardings, ...forwarding }),
  };
}
