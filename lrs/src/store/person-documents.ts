import type { DocumentKind } from './documents.ts';
import type { Connection } from './store.ts';

/** Whose documents, and up to when they were made. */
export interface DocumentOwner {
  readonly organisationId: string;
  /** comparableKey of packages/xapi. */
  readonly keys: readonly string[];
  readonly until: Date;
}

/** A document with what it is about. */
export interface PersonDocument {
  /** Orders a person's documents; no other has the same. */
  readonly place: string;
  readonly kind: DocumentKind;
  readonly id: string;
  readonly activity: string | null;
  /** agentKey of packages/xapi. */
  readonly agent: string;
  readonly registration: string | null;
  readonly contentType: string;
  /** In base64. */
  readonly content: string;
  readonly updatedAt: Date;
}

/** A request knows no finer time than a millisecond, and what was made in it, before it, is meant. */
const ofPerson = `organisation_id = $1 AND person = ANY($2::text[])
  AND created_at < $3::timestamptz + interval '1 millisecond'`;

/** Of a document among all of its organisation, in the order of the primary key. */
const place = `(encode(context, 'hex') || ' ' || id) COLLATE "C"`;

/** The documents that are about a person: states and agent profiles. */
export function personDocumentStore(db: Connection) {
  const valuesOf = ({ organisationId, keys, until }: DocumentOwner) => [
    organisationId,
    [...keys],
    until.toISOString(),
  ];

  return {
    /** The next behind a place: as many as fit into so many bytes, or one. */
    select: (owner: DocumentOwner, page: { after: string; bytes: number }): Promise<PersonDocument[]> =>
      db.$queryRawUnsafe(
        // The sizes are added up before anything large is read.
        `SELECT found.place, d.kind, d.id, d.activity, d.agent, d.registration::text AS registration,
           d.content_type AS "contentType", encode(d.content, 'base64') AS content, d.updated_at AS "updatedAt"
         FROM (
           SELECT context, id, place, sum(size) OVER (ORDER BY place) - size AS before FROM (
             SELECT context, id, ${place} AS place, octet_length(content) AS size
             FROM document WHERE ${ofPerson} AND ${place} > $4
             ORDER BY place LIMIT 1000
           ) AS sized
         ) AS found JOIN document d ON d.organisation_id = $1 AND d.context = found.context AND d.id = found.id
         WHERE found.before < $5::int
         ORDER BY found.place`,
        ...valuesOf(owner),
        page.after,
        page.bytes,
      ),

    /** Answers how many there were. */
    delete: (owner: DocumentOwner): Promise<number> =>
      db.$executeRawUnsafe(`DELETE FROM document WHERE ${ofPerson}`, ...valuesOf(owner)),
  };
}
