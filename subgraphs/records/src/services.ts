import type { ResumableTopic } from '@lyceum/events';
import { createCourseActivities } from './domain/course-activity.ts';
import { createDefinitions } from './domain/definitions.ts';
import { createNames } from './domain/names.ts';
import { createKnownThings } from './domain/known-things.ts';
import { createLiveStatementList, type LiveStatement } from './domain/live-statements.ts';
import { createStatements } from './domain/statements.ts';
import type { Store } from './store/store.ts';

/** What resolvers call. */
export type Services = ReturnType<typeof createServices>;

/** The whole domain, wired. */
export function createServices(parts: {
  store: Store;
  live: ResumableTopic<LiveStatement>;
  publicUrl: string;
}) {
  const { store, live, publicUrl } = parts;
  const names = createNames(publicUrl);
  return {
    statements: createStatements({ store, names }),
    liveStatements: createLiveStatementList({ store, names, live }),
    knownThings: createKnownThings({ store, names }),
    definitions: createDefinitions({ store }),
    courseActivities: createCourseActivities({ store }),
    names,
  };
}
