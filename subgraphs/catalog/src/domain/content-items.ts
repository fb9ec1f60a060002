import { newId, notFound, type Viewer } from '@lyceum/service';
import type { ContentItem, ContentItemType } from '../store/content-items.ts';
import type { Module } from '../store/modules.ts';
import type { Database } from '../store/store.ts';
import { checkedTitle } from './checked-text.ts';
import type { CourseEditor } from './course-editor.ts';
import type { Courses } from './courses.ts';
import { orderIncomplete, tooMany } from './errors.ts';
import { idsOf } from './ids.ts';
import { checkedContent, type GivenContent } from './item-content.ts';
import type { Modules } from './modules.ts';
import { isWholeOrder } from './whole-order.ts';

export type ContentItems = ReturnType<typeof createContentItems>;

/** So many items a module holds at most; clients read them all at once. */
const mostItems = 100;

/** So many a course holds: each of its events tells of all of them, in one record of the log. */
const mostItemsInCourse = 500;

/** The content items of modules. Each change is a change of the course. */
export function createContentItems(options: {
  store: Database;
  editor: CourseEditor;
  courses: Courses;
  modules: Modules;
}) {
  const { store, editor, courses, modules } = options;

  /** @throws NOT_FOUND */
  async function select(viewer: Viewer, id: string): Promise<ContentItem> {
    const [item] = await store.contentItems.selectMany(viewer.organisationId, idsOf('item', [id]));
    if (!item) throw notFound('content item', id, ['input', 'id']);
    return item;
  }

  return {
    /** Those of `ids` that are part of a course which the viewer may read. */
    async readable(viewer: Viewer, ids: readonly string[]): Promise<ContentItem[]> {
      const items = await store.contentItems.selectMany(viewer.organisationId, idsOf('item', ids));
      const seen = await courses.readable(viewer, [...new Set(items.map(({ courseId }) => courseId))]);
      const seenIds = new Set(seen.map(({ id }) => id));
      return items.filter(({ courseId }) => seenIds.has(courseId));
    },

    /** The items of modules that the viewer may read, in order. */
    ofModules: (viewer: Viewer, moduleIds: readonly string[]) =>
      store.contentItems.selectManyOfModules(viewer.organisationId, moduleIds),

    /** Adds an item at the end of a module. @throws INVALID, NOT_FOUND, COURSE_ARCHIVED, TOO_MANY */
    async create(viewer: Viewer, input: NewContentItem): Promise<ContentItem> {
      const { moduleId, type, required } = input;
      const title = checkedTitle(['input', 'title'], input.title);
      const content = checkedContent(['input'], type, input);
      const field = ['input', 'moduleId'];
      const { courseId, organisationId } = await modules.select(viewer, moduleId, field);
      const { result } = await editor.edit(viewer, { courseId, field }, async (tx) => {
        if (!(await tx.modules.selectOptional(organisationId, moduleId)))
          throw notFound('module', moduleId, field);
        const position = await tx.contentItems.countOfModule(organisationId, moduleId);
        if (position >= mostItems) throw tooMany('content items in a module', mostItems);
        if ((await tx.contentItems.countOfCourse(organisationId, courseId)) >= mostItemsInCourse)
          throw tooMany('content items in a course', mostItemsInCourse);
        const place = { organisationId, courseId, moduleId, position };
        return tx.contentItems.insert({ id: newId('item'), ...place, title, type, required, ...content });
      });
      return result;
    },

    /** @throws INVALID, NOT_FOUND, CONFLICT, COURSE_ARCHIVED */
    async update(viewer: Viewer, { id, revision, changes }: ContentItemUpdate): Promise<ContentItem> {
      const { courseId, organisationId } = await select(viewer, id);
      const { result } = await editor.edit(
        viewer,
        { courseId, revision, field: ['input', 'id'] },
        async (tx) => {
          const item = await tx.contentItems.selectOptional(organisationId, id);
          if (!item) throw notFound('content item', id, ['input', 'id']);
          return tx.contentItems.update(organisationId, id, changed(item, changes));
        },
      );
      return result;
    },

    /** @throws NOT_FOUND, COURSE_ARCHIVED, COURSE_EMPTY */
    async delete(viewer: Viewer, id: string): Promise<Module> {
      const { courseId, moduleId, organisationId } = await select(viewer, id);
      await editor.edit(viewer, { courseId, field: ['input', 'id'] }, async (tx) => {
        const item = await tx.contentItems.selectOptional(organisationId, id);
        if (!item) throw notFound('content item', id, ['input', 'id']);
        await tx.contentItems.delete(item);
      });
      return modules.select(viewer, moduleId, ['input', 'id']);
    },

    /** @throws NOT_FOUND, COURSE_ARCHIVED, ORDER_INCOMPLETE */
    async reorder(viewer: Viewer, { moduleId, itemIds }: ContentItemsReorder): Promise<Module> {
      const field = ['input', 'moduleId'];
      const module = await modules.select(viewer, moduleId, field);
      await editor.edit(viewer, { courseId: module.courseId, field }, async (tx) => {
        const present = await tx.contentItems.selectManyOfModules(viewer.organisationId, [moduleId]);
        if (!isWholeOrder(itemIds, present)) throw orderIncomplete('item of the module', 'itemIds');
        await tx.contentItems.updatePositions(viewer.organisationId, moduleId, itemIds);
      });
      return module;
    },
  };
}

export interface NewContentItem extends GivenContent {
  readonly moduleId: string;
  readonly title: string;
  readonly type: ContentItemType;
  readonly required: boolean;
}

export interface ContentItemUpdate {
  readonly id: string;
  readonly revision?: number | null | undefined;
  readonly changes: GivenContent & {
    readonly title?: string | null | undefined;
    readonly required?: boolean | null | undefined;
  };
}

export interface ContentItemsReorder {
  readonly moduleId: string;
  readonly itemIds: readonly string[];
}

/** What is written of an item: what changes names, over what it has. @throws INVALID */
function changed(item: ContentItem, changes: ContentItemUpdate['changes']) {
  const at = ['input', 'changes'];
  const { body, url, assessmentId } = changes;
  const given = body ?? url ?? assessmentId;
  // What stays was checked when it was written.
  const content = given == null ? {} : checkedContent(at, item.type, { body, url, assessmentId });
  const title = changes.title == null ? item.title : checkedTitle([...at, 'title'], changes.title);
  return { ...content, title, required: changes.required ?? item.required };
}
