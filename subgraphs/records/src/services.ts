import type { LiveTopic } from '@lyceum/events';
import { createCourseActivities } from './domain/course-activity.ts';
import { createNames } from './domain/names.ts';
import { createStatementCounts } from './domain/statement-counts.ts';
import { createStatements, type LiveStatement } from './domain/statements.ts';
import type { Store } from './store/store.ts';

/** What resolvers call. */
export type Services = ReturnType<typeof createServices>;

/** The whole domain, wired. */
export function createServices(parts: { store: Store; live: LiveTopic<LiveStatement>; publicUrl: string }) {
  const { store, live, publicUrl } = parts;
  const names = createNames(publicUrl);
  return {
    statements: createStatements({ store, names, live }),
    statementCounts: createStatementCounts({ store, names }),
    courseActivities: createCourseActivities({ store }),
    names,
  };
}
