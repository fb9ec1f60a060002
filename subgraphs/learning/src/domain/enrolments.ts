import { createHash } from 'node:crypto';
import type { ConnectionSource } from '@lyceum/graphql';
import { isUniqueViolation } from '@lyceum/postgres';
import { forbidden, invalid, newId, notFound, patiently, viewerMay, type Viewer } from '@lyceum/service';
import type { LearningEvents } from '../events/learning-events.ts';
import type { Enrolment, EnrolmentFilter, EnrolmentSight } from '../store/enrolments.ts';
import type { Database, Store } from '../store/store.ts';
import { enrolmentsSeenBy, groupsFrom, requireMayDo, type LearningAct } from './access.ts';
import { alreadyEnrolled, courseNotPublished, enrolmentCompleted, idempotencyKeyReused } from './errors.ts';
import { recount } from './recount.ts';

export interface NewEnrolment {
  readonly courseId: string;
  readonly learnerId?: string | null | undefined;
  readonly idempotencyKey: string;
}

export type Enrolments = ReturnType<typeof createEnrolments>;

/** Who learns what. */
export function createEnrolments({
  store,
  events,
  patienceMs,
}: {
  store: Database;
  events: LearningEvents;
  /** How long to wait for another service's event before saying no; milliseconds. */
  patienceMs: number;
}) {
  /** @throws COURSE_NOT_PUBLISHED, NOT_FOUND, ALREADY_ENROLLED */
  async function enrol(tx: Store, viewer: Viewer, id: string, courseId: string, learnerId: string) {
    const { organisationId } = viewer;
    await requirePublishedCourse(tx, viewer, courseId);
    await requireMember(tx, viewer, learnerId);
    await tx.learners.lock([{ organisationId, learnerId }]);
    const [open] = await tx.enrolments.selectManyOpen(organisationId, learnerId, [courseId]);
    if (open) throw alreadyEnrolled(courseId);
    const enrolment = await tx.enrolments.insert({ id, organisationId, courseId, learnerId });
    await events.enrolmentCreated(tx, enrolment);
    await recount(tx, events, { organisationId, courseId, learnerIds: [learnerId] });
  }

  return {
    /** An enrolment of the viewer's organisation. @throws NOT_FOUND, FORBIDDEN */
    async get(viewer: Viewer, id: string): Promise<Enrolment> {
      return selectFor(store, viewer, 'enrolment.read', id, null);
    },

    /** The newest first; those who lead nobody get their own. @throws FORBIDDEN */
    listed(viewer: Viewer, filter: EnrolmentFilter): ConnectionSource<Enrolment> {
      const { organisationId } = viewer;
      const sight = sightFor(viewer, filter);
      return {
        rows: (page) => store.enrolments.selectPage(organisationId, filter, page, sight),
        key: ({ id }) => [id],
        count: () => store.enrolments.count(organisationId, filter, sight),
      };
    },

    /**
     * Enrols a learner; what the learner has done before counts. The same key again answers the first enrolment.
     *
     * @throws INVALID, FORBIDDEN, NOT_FOUND, CONFLICT, COURSE_NOT_PUBLISHED, ALREADY_ENROLLED
     */
    async create(viewer: Viewer, input: NewEnrolment): Promise<Enrolment> {
      const { courseId, idempotencyKey: key } = input;
      const learnerId = input.learnerId ?? viewer.userId;
      if (key.trim() === '' || key.length > 200) {
        throw invalid(['input', 'idempotencyKey'], 'The idempotency key must have 1 to 200 characters.');
      }
      await requireMayDo(viewer, 'enrolment.create', { learnerId, courseId }, groupsFrom(store, viewer));
      const { organisationId, userId } = viewer;
      const row = { organisationId, userId, key, inputHash: hashOf(courseId, learnerId) };
      await patiently(() => isKnown(store, viewer, courseId, learnerId), patienceMs);
      try {
        return await store.transaction(async (tx) => {
          const id = newId('enrolment');
          const isFirst = await tx.idempotencyKeys.insert({ ...row, enrolmentId: id });
          if (!isFirst) return replay(tx, row);
          await enrol(tx, viewer, id, courseId, learnerId);
          return selectFor(tx, viewer, 'enrolment.create', id);
        });
      } catch (error) {
        throw isUniqueViolation(error, 'course_id') ? alreadyEnrolled(courseId) : error;
      }
    },

    /** Ends an enrolment; ending it again changes nothing. @throws NOT_FOUND, FORBIDDEN, ENROLMENT_COMPLETED */
    async withdraw(viewer: Viewer, id: string): Promise<Enrolment> {
      return store.transaction(async (tx) => {
        const { organisationId, learnerId } = await selectFor(tx, viewer, 'enrolment.withdraw', id);
        await tx.learners.lock([{ organisationId, learnerId }]);
        const withdrawn = await tx.enrolments.updateWithdrawn(organisationId, id, new Date());
        if (withdrawn) await events.enrolmentWithdrawn(tx, withdrawn);
        const enrolment = withdrawn ?? (await selectFor(tx, viewer, 'enrolment.withdraw', id));
        if (enrolment.status === 'COMPLETED') throw enrolmentCompleted(id);
        return enrolment;
      });
    },
  };
}

/** Have the events of the course's publication and of the membership arrived? True, or null for not yet. */
async function isKnown(
  store: Store,
  viewer: Viewer,
  courseId: string,
  learnerId: string,
): Promise<true | null> {
  const { organisationId, userId } = viewer;
  const course = await store.courses.selectOptional(organisationId, courseId);
  if (course === null || course.status === 'DRAFT') return null;
  if (learnerId === userId) return true;
  const learner = await store.learners.selectOptional(organisationId, learnerId);
  return learner && learner.roles.length > 0 ? true : null;
}

/** An enrolment to which the viewer may do `act`. @throws NOT_FOUND, FORBIDDEN */
async function selectFor(
  store: Store,
  viewer: Viewer,
  act: LearningAct,
  id: string,
  field: readonly string[] | null = ['input', 'id'],
): Promise<Enrolment> {
  const [enrolment] = await store.enrolments.selectMany(viewer.organisationId, [id]);
  if (!enrolment) throw notFound('enrolment', id, field ?? undefined);
  await requireMayDo(viewer, act, enrolment, groupsFrom(store, viewer));
  return enrolment;
}

/** @throws FORBIDDEN where a learner is asked for of whom the viewer can't see any. */
function sightFor(viewer: Viewer, { learnerId }: EnrolmentFilter): EnrolmentSight | undefined {
  const sight = enrolmentsSeenBy(viewer);
  const isSeen = learnerId == null || learnerId === viewer.userId || sight?.learnerIds.includes(learnerId);
  if (!isSeen && sight && sight.courseIds.length + sight.groupIds.length === 0)
    throw forbidden('enrolment.read');
  return sight;
}

/** To those who can't see a draft in the catalog, it is not there here either. */
async function requirePublishedCourse(tx: Store, viewer: Viewer, courseId: string): Promise<void> {
  const course = await tx.courses.selectOptional(viewer.organisationId, courseId);
  const seesDrafts = viewerMay(viewer, 'course.read.draft', { course: courseId });
  if (!course || (course.status === 'DRAFT' && !seesDrafts)) {
    throw notFound('course', courseId, ['input', 'courseId']);
  }
  if (course.status !== 'PUBLISHED') throw courseNotPublished(courseId);
}

/** The viewer's own membership is proved by the access token: identity's events may not have told of it yet. */
async function requireMember(tx: Store, viewer: Viewer, learnerId: string): Promise<void> {
  if (learnerId === viewer.userId) return;
  const learner = await tx.learners.selectOptional(viewer.organisationId, learnerId);
  if (!learner || learner.roles.length === 0) throw notFound('member', learnerId, ['input', 'learnerId']);
}

/** What the first call with this key answered, as it is now. @throws CONFLICT where its input was another. */
async function replay(
  tx: Store,
  row: { organisationId: string; userId: string; key: string; inputHash: string },
): Promise<Enrolment> {
  const first = await tx.idempotencyKeys.selectOptional(row);
  if (first?.inputHash !== row.inputHash) throw idempotencyKeyReused(row.key);
  const [enrolment] = await tx.enrolments.selectMany(row.organisationId, [first.enrolmentId]);
  if (!enrolment) throw notFound('enrolment', first.enrolmentId);
  return enrolment;
}

function hashOf(...input: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(input)).digest('hex');
}
