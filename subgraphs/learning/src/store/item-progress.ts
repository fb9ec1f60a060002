import type { ContentItemType, Evidence } from '../domain/evidence.ts';
import { Prisma } from './generated/client.ts';
import type { Connection } from './store.ts';

/** What a learner has done with an item. */
export interface ItemProgress extends Evidence {
  readonly id: string;
  readonly organisationId: string;
  readonly learnerId: string;
  readonly itemId: string;
  readonly updatedAt: Date;
}

/** With what it takes to say how far that is. */
export interface ShownItemProgress extends ItemProgress {
  readonly type: ContentItemType;
  readonly moduleId: string;
  readonly required: boolean;
}

/** A learner and an item before something is learnt of them. */
export type KnownItem = ItemKey & Evidence & { readonly id: string | null } & (ItemPlace | NoPlace);

/** Where an item is, and how it counts there. */
export interface ItemPlace {
  readonly courseId: string;
  readonly moduleId: string;
  readonly type: ContentItemType;
  readonly required: boolean;
}

/** An item that the organisation's courses do not have (yet). */
type NoPlace = { readonly [Column in keyof ItemPlace]: null };

export interface ItemKey {
  readonly organisationId: string;
  readonly learnerId: string;
  readonly itemId: string;
}

export interface ModuleLearner {
  readonly organisationId: string;
  readonly learnerId: string;
  readonly moduleId: string;
}

const columns = Prisma.sql`
  p.id, p.organisation_id AS "organisationId", p.learner_id AS "learnerId", p.item_id AS "itemId",
  p.started_at AS "startedAt", p.completed_at AS "completedAt", p.passed_at AS "passedAt", p.failed_at AS "failedAt",
  p.updated_at AS "updatedAt"`;

export function itemProgressStore(db: Connection) {
  return {
    /**
     * What is known of these learners and items, a row for each key, in one query. A key of one organisation may name
     * an item of another: that is an item that nobody knows.
     */
    selectManyKnown: (keys: readonly ItemKey[]) =>
      db.$queryRaw<KnownItem[]>`
        SELECT k.*, p.id, p.started_at AS "startedAt", p.completed_at AS "completedAt", p.passed_at AS "passedAt",
          p.failed_at AS "failedAt", i.course_id AS "courseId", i.module_id AS "moduleId", i.type::text, i.required
        FROM jsonb_to_recordset(${JSON.stringify(keys)}::jsonb)
          AS k("organisationId" text, "learnerId" text, "itemId" text)
        LEFT JOIN item_progress p
          ON (p.organisation_id, p.learner_id, p.item_id) = (k."organisationId", k."learnerId", k."itemId")
        LEFT JOIN content_item i ON (i.organisation_id, i.id) = (k."organisationId", k."itemId")`,

    /** Those of items that the organisation's courses have now. */
    selectMany: (organisationId: string, ids: readonly string[]) =>
      db.$queryRaw<ShownItemProgress[]>`
        SELECT ${columns}, i.type::text, i.module_id AS "moduleId", i.required
        FROM item_progress p
        JOIN content_item i ON i.id = p.item_id AND i.organisation_id = p.organisation_id
        WHERE p.organisation_id = ${organisationId} AND p.id = ANY(${[...ids]}::text[])`,

    /** Of these learners, for the items of these modules, in the order of each module. */
    selectManyOfModules: (keys: readonly ModuleLearner[]) =>
      db.$queryRaw<ShownItemProgress[]>`
        SELECT ${columns}, i.type::text, i.module_id AS "moduleId", i.required
        FROM jsonb_to_recordset(${JSON.stringify(keys)}::jsonb)
          AS k("organisationId" text, "learnerId" text, "moduleId" text)
        JOIN content_item i ON i.module_id = k."moduleId" AND i.organisation_id = k."organisationId"
        JOIN item_progress p
          ON (p.organisation_id, p.learner_id, p.item_id) = (k."organisationId", k."learnerId", i.id)
        ORDER BY i.module_id, p.learner_id, i.position`,

    /** Of some learners, for the items that a course has now. */
    selectManyOfCourse: (organisationId: string, courseId: string, learnerIds: readonly string[]) =>
      db.$queryRaw<ItemProgress[]>`
        SELECT ${columns}
        FROM unnest(${[...learnerIds]}::text[]) AS learner(id)
        CROSS JOIN content_item i
        JOIN item_progress p
          ON (p.organisation_id, p.learner_id, p.item_id) = (${organisationId}, learner.id, i.id)
        WHERE i.course_id = ${courseId}`,

    /** Everything that these learners of an organisation have done. */
    selectManyOfLearners: (organisationId: string, learnerIds: readonly string[]) =>
      db.itemProgress.findMany({ where: { organisationId, learnerId: { in: [...learnerIds] } } }),

    delete: (organisationId: string, ids: readonly string[]) =>
      db.itemProgress.deleteMany({ where: { organisationId, id: { in: [...ids] } } }),
  };
}
