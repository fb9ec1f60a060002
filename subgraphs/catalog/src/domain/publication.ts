import type { Viewer } from '@lyceum/service';
import type { CatalogEvents } from '../events/catalog-events.ts';
import type { Course } from '../store/courses.ts';
import type { Database } from '../store/store.ts';
import { holdCourse, refuseEmpty } from './course-editor.ts';

export type Publication = ReturnType<typeof createPublication>;

export interface PublicationInput {
  readonly id: string;
  readonly revision?: number | null | undefined;
}

/** The life of a course: draft, published, archived, and published again. */
export function createPublication({ store, events }: { store: Database; events: CatalogEvents }) {
  return {
    /** Publishing what is published changes nothing. @throws FORBIDDEN, NOT_FOUND, CONFLICT, COURSE_EMPTY */
    publish: (viewer: Viewer, input: PublicationInput): Promise<Course> =>
      store.transaction(async (tx) => {
        const held = await holdCourse(tx, viewer, 'course.publish', targetOf(input));
        if (held.status === 'PUBLISHED') return held;
        await refuseEmpty(tx, held);
        const publishedAt = held.publishedAt ?? new Date();
        const course = await tx.courses.update(held.organisationId, held.id, {
          status: 'PUBLISHED',
          publishedAt,
          archivedAt: null,
        });
        await events.coursePublished(tx, course);
        return course;
      }),

    /** Archiving what is archived changes nothing. @throws FORBIDDEN, NOT_FOUND, CONFLICT */
    archive: (viewer: Viewer, input: PublicationInput): Promise<Course> =>
      store.transaction(async (tx) => {
        const held = await holdCourse(tx, viewer, 'course.archive', targetOf(input));
        if (held.status === 'ARCHIVED') return held;
        const archived = { status: 'ARCHIVED', archivedAt: new Date() } as const;
        const course = await tx.courses.update(held.organisationId, held.id, archived);
        await events.courseArchived(tx, course);
        return course;
      }),
  };
}

function targetOf({ id, revision }: PublicationInput) {
  return { courseId: id, revision, field: ['input', 'id'] };
}
