import type { ConnectionSource } from '@lyceum/graphql';
import {
  conflict,
  invalid,
  newId,
  notFound,
  objectsWhereViewerMay,
  patiently,
  requirePermission,
  viewerMay,
  type Viewer,
} from '@lyceum/service';
import type {
  Assessment,
  AssessmentChanges,
  AssessmentFilter,
  AssessmentTotals,
} from '../store/assessments.ts';
import type { Database } from '../store/store.ts';
import { requireReach } from './access.ts';
import { checkedText } from './checked-text.ts';

export type Assessments = ReturnType<typeof createAssessments>;

export interface NewAssessment {
  readonly courseId: string;
  readonly title: string;
  readonly passingScore: number;
  readonly maxAttempts?: number | null | undefined;
}

export interface AssessmentUpdate {
  readonly id: string;
  /** The revision that the change is based on. */
  readonly revision?: number | null | undefined;
  readonly changes: {
    readonly title?: string | null | undefined;
    readonly passingScore?: number | null | undefined;
    readonly maxAttempts?: number | null | undefined;
  };
}

/** The assessments of an organisation's courses. */
export function createAssessments({ store, patienceMs }: { store: Database; patienceMs: number }) {
  return {
    /** Those of `ids` that the viewer may see: for learners, none of a course that is a draft. */
    async readable(viewer: Viewer, ids: readonly string[]): Promise<Assessment[]> {
      const { organisationId } = viewer;
      const found = await store.assessments.selectMany(organisationId, ids);
      const isHidden = ({ courseId: course }: Assessment) =>
        !viewerMay(viewer, 'assessment.read.draft', { course });
      const asked = [...new Set(found.filter(isHidden).map(courseOf))];
      if (asked.length === 0) return found;
      const courses = await store.courses.selectManyOpen(organisationId, asked);
      const open = new Set(courses.map(({ id }) => id));
      return found.filter((assessment) => !isHidden(assessment) || open.has(assessment.courseId));
    },

    /** Those of `ids` as a part of something that the viewer may see: an attempt of theirs. */
    referenced: (viewer: Viewer, ids: readonly string[]) =>
      store.assessments.selectMany(viewer.organisationId, ids),

    listed(viewer: Viewer, filter: AssessmentFilter): ConnectionSource<Assessment> {
      const { organisationId } = viewer;
      const seen = listedFor(viewer, filter);
      return {
        rows: (page) => store.assessments.selectPage(organisationId, seen, page),
        key: ({ id }) => [id],
        count: () => store.assessments.count(organisationId, seen),
      };
    },

    totals: (viewer: Viewer, ids: readonly string[]): Promise<AssessmentTotals[]> =>
      store.assessments.selectManyTotals(viewer.organisationId, ids),

    /** @throws INVALID, FORBIDDEN, NOT_FOUND (the course) */
    async create(viewer: Viewer, input: NewAssessment): Promise<Assessment> {
      const { organisationId } = viewer;
      const { courseId, maxAttempts = null } = input;
      requirePermission(viewer, 'assessment.create', { course: courseId });
      const title = checkedTitle(['input', 'title'], input.title);
      refusePassingScore(['input', 'passingScore'], input.passingScore);
      refuseMaxAttempts(['input', 'maxAttempts'], maxAttempts);
      const course = await patiently(
        () => store.courses.selectOptional(organisationId, courseId),
        patienceMs,
      );
      if (!course) throw notFound('course', courseId, ['input', 'courseId']);
      const { passingScore } = input;
      const id = newId('assessment');
      return store.assessments.insert({ id, organisationId, courseId, title, passingScore, maxAttempts });
    },

    /** @throws INVALID, FORBIDDEN, NOT_FOUND, CONFLICT */
    async update(viewer: Viewer, { id, revision, changes }: AssessmentUpdate): Promise<Assessment> {
      const { organisationId } = viewer;
      const checked = checkedChanges(changes);
      await requireReach(store, viewer, 'assessment.update', [id]);
      const updated = await store.assessments.update(organisationId, id, checked, revision ?? undefined);
      if (updated) return updated;
      const current = await store.assessments.selectOptional(organisationId, id);
      if (!current) throw notFound('assessment', id, ['input', 'id']);
      throw conflict(`The assessment has the revision ${current.revision} by now: read it again.`);
    },
  };
}

/** Where the viewer lists those of some courses only. */
function listedFor(viewer: Viewer, filter: AssessmentFilter): AssessmentFilter {
  const courseIds = objectsWhereViewerMay(viewer, 'assessment.list', 'course');
  return courseIds === undefined ? filter : { ...filter, courseIds };
}

const courseOf = ({ courseId }: Assessment) => courseId;

function checkedChanges({
  title,
  passingScore,
  maxAttempts,
}: AssessmentUpdate['changes']): AssessmentChanges {
  const at = ['input', 'changes'];
  if (passingScore != null) refusePassingScore([...at, 'passingScore'], passingScore);
  if (maxAttempts !== undefined) refuseMaxAttempts([...at, 'maxAttempts'], maxAttempts);
  return {
    ...(title == null ? {} : { title: checkedTitle([...at, 'title'], title) }),
    ...(passingScore == null ? {} : { passingScore }),
    ...(maxAttempts === undefined ? {} : { maxAttempts }),
  };
}

function checkedTitle(field: readonly string[], title: string): string {
  return checkedText(field, title, 200);
}

function refusePassingScore(field: readonly string[], score: number): void {
  if (!(score >= 0 && score <= 1)) throw invalid(field, `Must be from 0 to 1; it was ${score}.`);
}

function refuseMaxAttempts(field: readonly string[], most: number | null): void {
  if (most !== null && (most < 1 || most > 1_000)) {
    throw invalid(
      field,
      `Must be from 1 to 1,000, or null for as many as the learner likes; it was ${most}.`,
    );
  }
}
