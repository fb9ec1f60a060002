import type { DeadLetters, LiveTopic } from '@lyceum/events';
import { createCourseActivities } from './domain/course-activity.ts';
import { createDeadLetterDesk } from './domain/dead-letters.ts';
import type { ProgressTracker } from './domain/ingest-progress.ts';
import { createLiveHealth } from './domain/live-health.ts';
import { createNames } from './domain/names.ts';
import { createStatementCounts } from './domain/statement-counts.ts';
import { createStatements, type LiveStatement } from './domain/statements.ts';
import { createStoreHealths } from './domain/store-health.ts';
import type { Store } from './store/store.ts';

/** What resolvers call. */
export type Services = ReturnType<typeof createServices>;

/** The whole domain, wired. */
export function createServices(parts: {
  store: Store;
  live: LiveTopic<LiveStatement>;
  progress: ProgressTracker;
  letters: DeadLetters;
  publicUrl: string;
}) {
  const { store, live, progress, letters, publicUrl } = parts;
  const names = createNames(publicUrl);
  const storeHealths = createStoreHealths({ store, progress });
  return {
    statements: createStatements({ store, names, live }),
    statementCounts: createStatementCounts({ store, names }),
    storeHealths,
    deadLetters: createDeadLetterDesk({ letters }),
    liveHealth: createLiveHealth({ healths: storeHealths, store, progress }),
    courseActivities: createCourseActivities({ store }),
    names,
  };
}
