import type { ConnectionSource } from '@lyceum/graphql';
import { newId, type Viewer } from '@lyceum/service';
import type { CatalogEvents } from '../events/catalog-events.ts';
import type { CourseOrder } from '../store/course-list.ts';
import type { Course, CourseText } from '../store/courses.ts';
import type { Database } from '../store/store.ts';
import {
  checkedLanguage,
  checkedProse,
  checkedSlug,
  checkedTitle,
  isSlug,
  slugOfTitle,
} from './checked-text.ts';
import type { CourseEditor } from './course-editor.ts';
import { coursePage, cursorKey, listOf, type CourseFilter } from './course-list.ts';
import { slugTaken } from './errors.ts';
import { idsOf } from './ids.ts';
import { mayRead } from './visibility.ts';

export type Courses = ReturnType<typeof createCourses>;

/** Courses: begun, found, described. Their life from draft to archive is in publication.ts. */
export function createCourses(options: { store: Database; events: CatalogEvents; editor: CourseEditor }) {
  const { store, events, editor } = options;
  return {
    /** Those of `ids` that the viewer may read. */
    async readable(viewer: Viewer, ids: readonly string[]): Promise<Course[]> {
      const courses = await store.courses.selectMany(viewer.organisationId, idsOf('course', ids));
      return courses.filter((course) => mayRead(viewer, course));
    },

    /** The course that has the slug, null where there is none that the viewer may read. */
    async readableBySlug(viewer: Viewer, slug: string): Promise<Course | null> {
      if (!isSlug(slug)) return null;
      const course = await store.courses.selectOptionalBySlug(viewer.organisationId, slug);
      return course && mayRead(viewer, course) ? course : null;
    },

    /** The courses that the viewer finds, as the source of a connection. @throws INVALID */
    listed(viewer: Viewer, filter: CourseFilter, orderBy: CourseOrder): ConnectionSource<Course> {
      const list = listOf(viewer, filter, orderBy);
      return {
        rows: async (page) => store.courses.selectPage(list, coursePage(orderBy, page)),
        key: (course) => cursorKey(orderBy, course),
        count: () => store.courses.count(list),
      };
    },

    /** @throws INVALID, SLUG_TAKEN */
    async create(viewer: Viewer, input: NewCourse): Promise<Course> {
      const text = newText(input);
      const { organisationId } = viewer;
      return store.transaction(async (tx) => {
        const course = await tx.courses.insert({ ...text, id: newId('course'), organisationId });
        if (!course) throw slugTaken(['input', 'slug'], text.slug);
        await events.courseCreated(tx, course);
        return course;
      });
    },

    /** @throws INVALID, NOT_FOUND, CONFLICT, COURSE_ARCHIVED, SLUG_TAKEN */
    async update(viewer: Viewer, input: CourseUpdate): Promise<Course> {
      const text = changedText(input.changes);
      const target = { courseId: input.id, revision: input.revision, field: ['input', 'id'] };
      const { course } = await editor.edit(viewer, target, async (tx, { organisationId, id }) => {
        const updated = await tx.courses.updateText(organisationId, id, text);
        if (!updated) throw slugTaken(['input', 'changes', 'slug'], text.slug ?? '');
      });
      return course;
    },
  };
}

export interface NewCourse {
  readonly title: string;
  readonly slug?: string | null | undefined;
  readonly summary: string;
  readonly language: string;
}

export interface CourseUpdate {
  readonly id: string;
  readonly revision?: number | null | undefined;
  readonly changes: { readonly [Part in keyof CourseText]?: string | null | undefined };
}

function newText({ title, slug, summary, language }: NewCourse): CourseText {
  const checked = checkedTitle(['input', 'title'], title);
  return {
    title: checked,
    slug: slug == null ? slugOfTitle(['input', 'slug'], checked) : checkedSlug(['input', 'slug'], slug),
    summary: checkedSummary(['input', 'summary'], summary),
    language: checkedLanguage(['input', 'language'], language),
  };
}

function changedText({ title, slug, summary, language }: CourseUpdate['changes']): Partial<CourseText> {
  const at = (part: keyof CourseText) => ['input', 'changes', part];
  return {
    ...(title == null ? {} : { title: checkedTitle(at('title'), title) }),
    ...(slug == null ? {} : { slug: checkedSlug(at('slug'), slug) }),
    ...(summary == null ? {} : { summary: checkedSummary(at('summary'), summary) }),
    ...(language == null ? {} : { language: checkedLanguage(at('language'), language) }),
  };
}

function checkedSummary(field: readonly string[], summary: string): string {
  return checkedProse(field, summary.trim(), 5_000);
}
