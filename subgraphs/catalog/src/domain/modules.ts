import { newId, notFound, type Viewer } from '@lyceum/service';
import type { Course } from '../store/courses.ts';
import type { Module } from '../store/modules.ts';
import type { Database } from '../store/store.ts';
import { checkedTitle } from './checked-text.ts';
import type { CourseEditor } from './course-editor.ts';
import type { Courses } from './courses.ts';
import { orderIncomplete, tooMany } from './errors.ts';
import { idsOf } from './ids.ts';
import { isWholeOrder } from './whole-order.ts';

export type Modules = ReturnType<typeof createModules>;

/** So many modules a course holds at most; clients read them all at once. */
const mostModules = 100;

/** The modules of courses. Each change is a change of the course. */
export function createModules(options: { store: Database; editor: CourseEditor; courses: Courses }) {
  const { store, editor, courses } = options;

  /** @throws NOT_FOUND */
  async function select(viewer: Viewer, id: string, field: readonly string[]): Promise<Module> {
    const [module] = await store.modules.selectMany(viewer.organisationId, idsOf('module', [id]));
    if (!module) throw notFound('module', id, field);
    return module;
  }

  return {
    select,

    /** Those of `ids` that are part of a course which the viewer may read. */
    async readable(viewer: Viewer, ids: readonly string[]): Promise<Module[]> {
      const modules = await store.modules.selectMany(viewer.organisationId, idsOf('module', ids));
      const seen = await courses.readable(viewer, [...new Set(modules.map(({ courseId }) => courseId))]);
      const seenIds = new Set(seen.map(({ id }) => id));
      return modules.filter(({ courseId }) => seenIds.has(courseId));
    },

    /** The modules of courses that the viewer may read, in order. */
    ofCourses: (viewer: Viewer, courseIds: readonly string[]) =>
      store.modules.selectManyOfCourses(viewer.organisationId, courseIds),

    /** Adds a module at the end. @throws INVALID, NOT_FOUND, COURSE_ARCHIVED, TOO_MANY */
    async create(viewer: Viewer, input: { courseId: string; title: string }): Promise<Module> {
      const title = checkedTitle(['input', 'title'], input.title);
      const target = { courseId: input.courseId, field: ['input', 'courseId'] };
      const { result } = await editor.edit(viewer, target, async (tx, { id: courseId, organisationId }) => {
        const position = await tx.modules.countOfCourse(organisationId, courseId);
        if (position >= mostModules) throw tooMany('modules in a course', mostModules);
        return tx.modules.insert({ id: newId('module'), organisationId, courseId, title, position });
      });
      return result;
    },

    /** @throws INVALID, NOT_FOUND, CONFLICT, COURSE_ARCHIVED */
    async update(viewer: Viewer, input: ModuleUpdate): Promise<Module> {
      const { id, revision, changes } = input;
      const title =
        changes.title == null ? {} : { title: checkedTitle(['input', 'changes', 'title'], changes.title) };
      const field = ['input', 'id'];
      const { courseId } = await select(viewer, id, field);
      const { result } = await editor.edit(viewer, { courseId, revision, field }, async (tx) => {
        const updated = await tx.modules.update(viewer.organisationId, id, title);
        if (!updated) throw notFound('module', id, field);
        return updated;
      });
      return result;
    },

    /** Deletes a module with its items. @throws NOT_FOUND, COURSE_ARCHIVED, COURSE_EMPTY */
    async delete(viewer: Viewer, id: string): Promise<Course> {
      const field = ['input', 'id'];
      const { courseId } = await select(viewer, id, field);
      const { course } = await editor.edit(viewer, { courseId, field }, async (tx) => {
        const module = await tx.modules.selectOptional(viewer.organisationId, id);
        if (!module) throw notFound('module', id, field);
        await tx.modules.delete(module);
      });
      return course;
    },

    /** @throws NOT_FOUND, COURSE_ARCHIVED, ORDER_INCOMPLETE */
    async reorder(viewer: Viewer, { courseId, moduleIds }: ModulesReorder): Promise<Course> {
      const { course } = await editor.edit(viewer, { courseId, field: ['input', 'courseId'] }, async (tx) => {
        const present = await tx.modules.selectManyOfCourses(viewer.organisationId, [courseId]);
        if (!isWholeOrder(moduleIds, present)) throw orderIncomplete('module of the course', 'moduleIds');
        await tx.modules.updatePositions(viewer.organisationId, courseId, moduleIds);
      });
      return course;
    },
  };
}

export interface ModuleUpdate {
  readonly id: string;
  readonly revision?: number | null | undefined;
  readonly changes: { readonly title?: string | null | undefined };
}

export interface ModulesReorder {
  readonly courseId: string;
  readonly moduleIds: readonly string[];
}
