import { Prisma, type CourseStatus } from './generated/client.ts';

/** Which courses, in which order. */
export interface CourseList {
  readonly organisationId: string;
  /** Courses in some states, and some courses in whatever state. */
  readonly listed: { readonly statuses: readonly CourseStatus[]; readonly draftsOf: readonly string[] };
  /** Undefined: in whichever state they are. */
  readonly status: CourseStatus | undefined;
  /** As a person types it into a search box; undefined: all courses. */
  readonly search: string | undefined;
  readonly orderBy: CourseOrder;
}

export interface CourseOrder {
  readonly field: CourseOrderField;
  readonly direction: 'ASC' | 'DESC';
}

export type CourseOrderField = 'TITLE' | 'CREATED_AT' | 'UPDATED_AT';

/** A place in the list: the value that it is ordered by (a date as ISO 8601), and the id. */
export interface CoursePlace {
  readonly value: string;
  readonly id: string;
}

/** At most `limit` courses strictly between two places, from the end of the list where `backward`. */
export interface CoursePage {
  readonly limit: number;
  readonly after: CoursePlace | undefined;
  readonly before: CoursePlace | undefined;
  readonly backward: boolean;
}

/** The columns of a course by the names of the Prisma model, for queries that Prisma can't express. */
export const selectedColumns = Prisma.sql`id, organisation_id AS "organisationId", slug, title, summary, language,
  status, revision, created_at AS "createdAt", updated_at AS "updatedAt", published_at AS "publishedAt",
  archived_at AS "archivedAt"`;

const columns = {
  TITLE: { column: Prisma.sql`title`, type: Prisma.sql`text` },
  CREATED_AT: { column: Prisma.sql`created_at`, type: Prisma.sql`timestamptz` },
  UPDATED_AT: { column: Prisma.sql`updated_at`, type: Prisma.sql`timestamptz` },
} as const;

/** The parts of a query for the list, or for one page of it. */
export function whereListed(list: CourseList, page?: CoursePage) {
  const { column } = columns[list.orderBy.field];
  const conditions = [
    Prisma.sql`organisation_id = ${list.organisationId}`,
    isListed(list),
    ...(list.status === undefined ? [] : [Prisma.sql`status = ${list.status}::course_status`]),
    ...(list.search === undefined ? [] : [Prisma.sql`search @@ ${searchQuery(list.search)}`]),
    ...(page?.after ? [beyond(list.orderBy, 'after', page.after)] : []),
    ...(page?.before ? [beyond(list.orderBy, 'before', page.before)] : []),
  ];
  const ascending = (list.orderBy.direction === 'ASC') !== (page?.backward ?? false);
  return {
    column,
    where: Prisma.join(conditions, ' AND '),
    direction: ascending ? Prisma.sql`ASC` : Prisma.sql`DESC`,
  };
}

/** Where no single course is listed, the index on the state is used as it is. */
function isListed({ listed: { statuses, draftsOf } }: CourseList) {
  const inState = Prisma.sql`status = ANY(${[...statuses]}::text[]::course_status[])`;
  return draftsOf.length === 0 ? inState : Prisma.sql`(${inState} OR id = ANY(${[...draftsOf]}))`;
}

function beyond({ field, direction }: CourseOrder, side: 'after' | 'before', { value, id }: CoursePlace) {
  const { column, type } = columns[field];
  const greater = (direction === 'ASC') === (side === 'after');
  const operator = greater ? Prisma.sql`>` : Prisma.sql`<`;
  return Prisma.sql`(${column}, id) ${operator} (${value}::${type}, ${id})`;
}

/**
 * websearch_to_tsquery (PostgreSQL, 12.3.2) never fails on what people type; its last word, where a word is last, is
 * made a beginning, so that a search finds while it is being typed.
 */
function searchQuery(search: string) {
  return Prisma.sql`regexp_replace(websearch_to_tsquery('simple', ${search})::text, '''$', ''':*')::tsquery`;
}
