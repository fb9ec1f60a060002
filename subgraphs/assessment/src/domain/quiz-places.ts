import { notFound, patiently, viewerMay, type Viewer } from '@lyceum/service';
import type { Assessment } from '../store/assessments.ts';
import type { Course, QuizItem } from '../store/courses.ts';
import type { Database } from '../store/store.ts';
import { notAvailable, notEnrolled } from './errors.ts';

/** Where a learner takes an assessment. */
export interface QuizPlace {
  readonly assessment: Assessment;
  readonly course: Course;
  readonly item: QuizItem;
}

/** What is known so far of a learner and an assessment; null where nothing is. */
interface Knowledge {
  readonly course: Course | null;
  readonly item: QuizItem | null;
  readonly enrolled: boolean;
}

export type QuizPlaces = ReturnType<typeof createQuizPlaces>;

/** Whether and where a learner may take an assessment: catalog and learning decide, their events tell. */
export function createQuizPlaces({ store, patienceMs }: { store: Database; patienceMs: number }) {
  async function knowledge(viewer: Viewer, { id, courseId }: Assessment): Promise<Knowledge> {
    const { organisationId, userId } = viewer;
    const [course, item, enrolment] = await Promise.all([
      store.courses.selectOptional(organisationId, courseId),
      store.courses.selectOptionalQuizItem(organisationId, courseId, id),
      store.enrolments.selectOptionalActive(organisationId, courseId, userId),
    ]);
    return { course, item, enrolled: enrolment !== null };
  }

  return {
    /** @throws NOT_FOUND, NOT_ENROLLED, NOT_AVAILABLE */
    async placeFor(viewer: Viewer, assessmentId: string): Promise<QuizPlace> {
      const assessment = await store.assessments.selectOptional(viewer.organisationId, assessmentId);
      if (!assessment) throw unknown(assessmentId);
      const place = await patiently(async () => {
        const { course, item, enrolled } = await knowledge(viewer, assessment);
        return course && isOpen(course) && item && enrolled ? { assessment, course, item } : null;
      }, patienceMs);
      return place ?? refuse(viewer, assessment, await knowledge(viewer, assessment));
    },
  };
}

function refuse(viewer: Viewer, assessment: Assessment, { course, enrolled }: Knowledge): never {
  const seesDrafts = viewerMay(viewer, 'assessment.read.draft', { course: assessment.courseId });
  if (!(course && isOpen(course)) && !seesDrafts) throw unknown(assessment.id);
  if (!enrolled) throw notEnrolled();
  throw notAvailable('The assessment is not an item of a published course yet.');
}

function isOpen({ status }: Course): boolean {
  return status !== 'DRAFT';
}

function unknown(assessmentId: string) {
  return notFound('assessment', assessmentId, ['input', 'assessmentId']);
}
