import { domainEvent } from '@lyceum/events';
import { createOwnStatementWriter, statementFor } from '@lyceum/xapi';
import type { CourseProgress } from '../store/course-progress.ts';
import type { CompletedEnrolment, Enrolment } from '../store/enrolments.ts';
import type { ModuleProgress } from '../store/module-progress.ts';
import type { Store } from '../store/store.ts';

export type LearningEvents = ReturnType<typeof createLearningEvents>;

/** A learner completed a course, and with it the enrolment. */
export interface CourseCompletion {
  readonly enrolment: CompletedEnrolment;
  readonly progress: CourseProgress & { readonly completedAt: Date };
}

const courseActivityType = 'http://adlnet.gov/expapi/activities/course';

/** What learning tells the others: rows of the outbox, written in the transaction of the change. */
export function createLearningEvents({ publicUrl }: { publicUrl: string }) {
  const statements = createOwnStatementWriter({ publicUrl });

  /** Lyceum's own statement that a learner completed a course. */
  const statementOf = ({ enrolment, progress }: CourseCompletion) =>
    statementFor({
      publicUrl,
      userId: enrolment.learnerId,
      verb: 'completed',
      activity: { id: enrolment.courseId, name: enrolment.courseTitle, type: courseActivityType },
      result: { completion: true },
      timestamp: progress.completedAt,
    });

  return {
    enrolmentCreated: (tx: Store, enrolment: Enrolment) =>
      tx.outbox.insert([ofEnrolment('created', enrolment)]),

    enrolmentWithdrawn: (tx: Store, enrolment: Enrolment) =>
      tx.outbox.insert([ofEnrolment('withdrawn', enrolment)]),

    progressMoved: async (
      tx: Store,
      moved: { changed: readonly CourseProgress[]; completedModules: readonly ModuleProgress[] },
    ) => {
      const rows = [...moved.changed.map(progressChanged), ...moved.completedModules.map(moduleCompleted)];
      if (rows.length > 0) await tx.outbox.insert(rows);
    },

    coursesCompleted: async (tx: Store, completions: readonly CourseCompletion[]) => {
      const records = completions.map((completion) =>
        statements.record(completion.enrolment.organisationId, [statementOf(completion)]),
      );
      await tx.outbox.insert([...completions.map(courseCompleted), ...records]);
    },
  };
}

function ofEnrolment(what: 'created' | 'withdrawn', enrolment: Enrolment) {
  const { id, courseId, learnerId, status, revision, updatedAt } = enrolment;
  return domainEvent({
    type: `enrolment.${what}`,
    subject: id,
    organisation: enrolment.organisationId,
    data: { enrolment: { id, courseId, learnerId, status, revision, updatedAt: updatedAt.toISOString() } },
  });
}

function progressChanged(progress: CourseProgress) {
  const { id, learnerId, courseId, percent, status, completedItems, requiredItems, revision } = progress;
  return domainEvent({
    type: 'progress.changed',
    subject: id,
    organisation: progress.organisationId,
    data: {
      progress: {
        id,
        learnerId,
        courseId,
        percent,
        status,
        completedItems,
        requiredItems,
        startedAt: progress.startedAt?.toISOString() ?? null,
        completedAt: progress.completedAt?.toISOString() ?? null,
        revision,
        updatedAt: progress.updatedAt.toISOString(),
      },
    },
  });
}

function moduleCompleted({ id, organisationId, learnerId, courseId, moduleId, completedAt }: ModuleProgress) {
  return domainEvent({
    type: 'module.completed',
    subject: id,
    organisation: organisationId,
    data: {
      completion: { learnerId, courseId, moduleId, completedAt: (completedAt ?? new Date()).toISOString() },
    },
  });
}

function courseCompleted({ progress }: CourseCompletion) {
  const { id, organisationId, learnerId, courseId, completedAt } = progress;
  return domainEvent({
    type: 'course.completed',
    subject: id,
    organisation: organisationId,
    data: { completion: { learnerId, courseId, completedAt: completedAt.toISOString() } },
  });
}
