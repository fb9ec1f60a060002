import type { CourseOutline } from '../store/courses.ts';
import type { Database } from '../store/store.ts';
import { countsAlike } from './count-course.ts';

export type Courses = ReturnType<typeof createCourses>;

/** The courses of the catalog, as far as progress needs them. */
export function createCourses({ store }: { store: Database }) {
  return {
    /**
     * Takes over a course as the catalog tells of it; an older revision than the known one changes nothing. Where
     * learners would be counted otherwise from now on, the course joins the stale queue (corrections.ts).
     */
    async learn(outline: CourseOutline): Promise<void> {
      await store.transaction(async (tx) => {
        const { id, organisationId, revision } = outline;
        await tx.courses.lock(organisationId, id);
        const known = await tx.courses.selectOptional(organisationId, id);
        const before = await tx.courses.selectOutline(organisationId, id);
        if (!(await tx.courses.upsert(outline))) return;
        await tx.courses.updateOutline(outline);
        if (known && !countsAlike(before, outline)) {
          await tx.courses.updateStructureRevision(organisationId, id, revision);
        }
      });
    },
  };
}
