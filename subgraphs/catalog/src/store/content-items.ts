import type { ContentItem, ContentItemType } from './generated/client.ts';
import type { Connection } from './store.ts';

export type { ContentItem, ContentItemType };

/** What an item holds: one of the three, by its type. */
export interface ItemContent {
  readonly body: string | null;
  readonly url: string | null;
  readonly assessmentId: string | null;
}

export function contentItemStore(db: Connection) {
  return {
    selectMany: (organisationId: string, ids: readonly string[]) =>
      db.contentItem.findMany({ where: { organisationId, id: { in: [...ids] } } }),

    /** Within a transaction that holds the course. */
    selectOptional: (organisationId: string, id: string) =>
      db.contentItem.findUnique({ where: { id, organisationId } }),

    /** The items of these modules, in order within each. */
    selectManyOfModules: (organisationId: string, moduleIds: readonly string[]) =>
      db.contentItem.findMany({
        where: { organisationId, moduleId: { in: [...moduleIds] } },
        orderBy: [{ moduleId: 'asc' }, { position: 'asc' }],
      }),

    /** The items of a course without what they hold, in order within each module. */
    selectOutlineOfCourse: (organisationId: string, courseId: string) =>
      db.contentItem.findMany({
        where: { organisationId, courseId },
        orderBy: [{ moduleId: 'asc' }, { position: 'asc' }],
        omit: { body: true, url: true },
      }),

    countOfModule: (organisationId: string, moduleId: string) =>
      db.contentItem.count({ where: { organisationId, moduleId } }),

    countOfCourse: (organisationId: string, courseId: string) =>
      db.contentItem.count({ where: { organisationId, courseId } }),

    insert: (item: ContentItem) => db.contentItem.create({ data: item }),

    update: (
      organisationId: string,
      id: string,
      change: Partial<ItemContent> & { readonly title?: string; readonly required?: boolean },
    ) => db.contentItem.update({ where: { id, organisationId }, data: change }),

    /** Gives each item the place that its id has in `ids`. */
    updatePositions: (organisationId: string, moduleId: string, ids: readonly string[]) => db.$executeRaw`
      UPDATE content_item SET position = wanted.place - 1
      FROM unnest(${[...ids]}::text[]) WITH ORDINALITY AS wanted(id, place)
      WHERE content_item.id = wanted.id
        AND content_item.organisation_id = ${organisationId}
        AND content_item.module_id = ${moduleId}`,

    /** Deletes the item; those after it move up. */
    delete: async ({ organisationId, id, moduleId, position }: ContentItem): Promise<void> => {
      await db.contentItem.delete({ where: { id, organisationId } });
      await db.contentItem.updateMany({
        where: { organisationId, moduleId, position: { gt: position } },
        data: { position: { decrement: 1 } },
      });
    },
  };
}
