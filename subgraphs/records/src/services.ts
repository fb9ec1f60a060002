import type { LiveTopic } from '@lyceum/events';
import { createCourseActivities } from './domain/course-activity.ts';
import { createNames } from './domain/names.ts';
import { createStatements, type LiveStatement } from './domain/statements.ts';
import { createStoreExports } from './domain/store-exports.ts';
import { createStoreFiles } from './domain/store-files.ts';
import { createStoreImports } from './domain/store-imports.ts';
import { createStoreJobs, type ChangedStoreJob } from './domain/store-jobs.ts';
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
  publicUrl: string;
  xapiUrl: string;
}) {
  const { store, database, live, publicUrl } = parts;
  const names = createNames(publicUrl);
  const storeJobs = createStoreJobs({ database, events, live: parts.liveStoreJobs });
  return {
    statements: createStatements({ store, names, live }),
    courseActivities: createCourseActivities({ store }),
    names,
    storeJobs,
    storeExports: createStoreExports({ storeJobs, names }),
    storeImports: createStoreImports({ storeJobs }),
    storeFiles: createStoreFiles(parts.xapiUrl),
  };
}
