import type { Enrolment } from './generated/client.ts';
import type { Connection } from './store.ts';

export type { Enrolment };

/** Enrolments, as learning's events tell of them. */
export function enrolmentStore(db: Connection) {
  return {
    /** An enrolment of the learner in the course that was not withdrawn. */
    selectOptionalActive: (organisationId: string, courseId: string, learnerId: string) =>
      db.enrolment.findFirst({
        where: { organisationId, courseId, learnerId, status: { not: 'WITHDRAWN' } },
      }),

    /** Keeps what an event says of an enrolment, unless something as new is known: 1 where it was kept. */
    upsert: ({ id, organisationId, courseId, learnerId, status, revision }: Enrolment) => db.$executeRaw`
      INSERT INTO enrolment (id, organisation_id, course_id, learner_id, status, revision)
      VALUES (${id}, ${organisationId}, ${courseId}, ${learnerId}, ${status}, ${revision})
      ON CONFLICT (id) DO UPDATE SET status = excluded.status, revision = excluded.revision
      WHERE enrolment.revision < excluded.revision AND enrolment.organisation_id = excluded.organisation_id`,
  };
}
