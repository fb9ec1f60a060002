import type { LiveTopic } from '@lyceum/events';
import { createCorrections } from './domain/corrections.ts';
import { createCourses } from './domain/courses.ts';
import { createEnrolments } from './domain/enrolments.ts';
import { createHeardStatements } from './domain/heard-statements.ts';
import { createMembers } from './domain/members.ts';
import { createProgress } from './domain/progress.ts';
import { createEvidenceRecorder } from './domain/record-evidence.ts';
import { createLearningEvents } from './events/learning-events.ts';
import type { ShownCourseProgress } from './store/course-progress.ts';
import type { Database } from './store/store.ts';

/** What resolvers call. */
export type Services = ReturnType<typeof createServices>['services'];

/** The whole domain, wired: what resolvers call, what consumers call, and the corrections that both leave behind. */
export function createServices(parts: {
  store: Database;
  live: LiveTopic<ShownCourseProgress>;
  publicUrl: string;
  /** How long to wait for another service's event before saying no; milliseconds. */
  patienceMs: number;
}) {
  const { store, live, publicUrl, patienceMs } = parts;
  const events = createLearningEvents({ publicUrl });
  const recorder = createEvidenceRecorder({ store, events });
  const services = {
    enrolments: createEnrolments({ store, events, patienceMs }),
    progress: createProgress({ store, live }),
  };
  const hearing = {
    courses: createCourses({ store }),
    members: createMembers({ store }),
    recorder,
    statements: createHeardStatements({ store, recorder }),
  };
  return { services, hearing, corrections: createCorrections({ store, events }) };
}
