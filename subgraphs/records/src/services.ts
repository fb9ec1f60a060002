import type { DeadLetters, LiveTopic, ResumableTopic } from '@lyceum/events';
import type { ForwardingCredentials, Outward, OutwardRules } from '@lyceum/service';
import { createCourseActivities } from './domain/course-activity.ts';
import { createDeadLetterDesk } from './domain/dead-letters.ts';
import { createDefinitions } from './domain/definitions.ts';
import { createForwardingTests } from './domain/forwarding-test.ts';
import type { ProgressTracker } from './domain/ingest-progress.ts';
import { createKnownThings } from './domain/known-things.ts';
import { createLiveHealth } from './domain/live-health.ts';
import { createLiveStatementList, type LiveStatement } from './domain/live-statements.ts';
import type { Names } from './domain/names.ts';
import { createStatementCounts } from './domain/statement-counts.ts';
import { createStatementForwardings, type ChangedForwarding } from './domain/statement-forwardings.ts';
import { createStatements } from './domain/statements.ts';
import { createStoreExports } from './domain/store-exports.ts';
import { createStoreFiles } from './domain/store-files.ts';
import { createStoreHealths } from './domain/store-health.ts';
import { createStoreImports } from './domain/store-imports.ts';
import { createStoreJobs, type ChangedStoreJob } from './domain/store-jobs.ts';
import { createStoreRetentions } from './domain/store-retentions.ts';
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
  live: ResumableTopic<LiveStatement>;
  liveStoreJobs: LiveTopic<ChangedStoreJob>;
  liveRetentions: LiveTopic<ChangedStoreJob>;
  progress: ProgressTracker;
  letters: DeadLetters;
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
  const { store, database, live, progress, letters, names, forwarding } = parts;
  const statementForwardings = createStatementForwardings({ database, names, ...forwarding });
  const { liveStoreJobs, liveRetentions } = parts;
  const storeJobs = createStoreJobs({ database, events, live: liveStoreJobs, liveRetentions });
  const storeHealths = createStoreHealths({ store, progress });
  return {
    statements: createStatements({ store, names }),
    liveStatements: createLiveStatementList({ store, names, live }),
    knownThings: createKnownThings({ store, names }),
    definitions: createDefinitions({ store }),
    statementCounts: createStatementCounts({ store, names }),
    storeHealths,
    deadLetters: createDeadLetterDesk({ letters }),
    liveHealth: createLiveHealth({ healths: storeHealths, store, progress }),
    courseActivities: createCourseActivities({ store }),
    names,
    storeJobs,
    storeExports: createStoreExports({ storeJobs, names }),
    storeImports: createStoreImports({ storeJobs }),
    storeRetentions: createStoreRetentions({ database, store, storeJobs, names }),
    storeFiles: createStoreFiles(parts.xapiUrl),
    statementForwardings,
    forwardingTests: createForwardingTests({ forwardings: statementForwardings, ...forwarding }),
  };
}
