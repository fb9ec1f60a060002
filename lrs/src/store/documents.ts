import { createHash } from 'node:crypto';
import { comparableKey } from '@lyceum/xapi';
import type { Connection } from './store.ts';

/** The kinds of documents that xAPI has (Communication 2.2). */
export type DocumentKind = 'STATE' | 'ACTIVITY_PROFILE' | 'AGENT_PROFILE';

/** What documents are about: within it their ids are unique. An absent registration is a value of its own. */
export interface DocumentContext {
  readonly organisationId: string;
  readonly kind: DocumentKind;
  /** The IRI. */
  readonly activity?: string;
  /** agentKey of packages/xapi. */
  readonly agent?: string;
  readonly registration?: string;
}

/** What a document holds, to the byte. */
export interface DocumentContent {
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** Which version of a document is meant: two of the same are the same document. */
export interface DocumentVersion {
  /** SHA-1 of the bytes, in hexadecimal (Communication 3.1). */
  readonly etag: string;
  readonly contentType: string;
}

export interface StoredDocument extends DocumentContent, DocumentVersion {
  readonly updatedAt: Date;
}

/** A document with what it is about, for whom it belongs to. */
export interface PersonsDocument extends StoredDocument {
  /** Orders a person's documents; no other has the same. */
  readonly place: string;
  readonly kind: DocumentKind;
  readonly id: string;
  readonly activity: string | null;
  readonly agent: string;
  readonly registration: string | null;
}

/** Whose documents, and up to when they were made. */
export interface DocumentOwner {
  readonly organisationId: string;
  /** comparableKey of packages/xapi. */
  readonly keys: readonly string[];
  readonly until: Date;
}

const columns = (alias = '') =>
  `${alias}content_type AS "contentType", ${alias}content AS bytes, ${alias}etag, ${alias}updated_at AS "updatedAt"`;

/** Of a document among all of its organisation, in the order of the primary key. */
const place = `(encode(context, 'hex') || ' ' || id) COLLATE "C"`;

const key = 'organisation_id = $1 AND context = $2 AND id = $3';

/** Each is one statement, and so all of it or nothing. */
export function documentStore(db: Connection) {
  const execute = (sql: string, ...values: unknown[]) => db.$executeRawUnsafe(sql, ...values);
  const keyOf = (context: DocumentContext, id: string) => [context.organisationId, digestOf(context), id];

  return {
    selectOptional: async (context: DocumentContext, id: string): Promise<StoredDocument | null> => {
      const sql = `SELECT ${columns()} FROM document WHERE ${key}`;
      const [row] = await db.$queryRawUnsafe<StoredDocument[]>(sql, ...keyOf(context, id));
      return row ?? null;
    },

    selectOptionalVersion: async (context: DocumentContext, id: string): Promise<DocumentVersion | null> => {
      const sql = `SELECT etag, content_type AS "contentType" FROM document WHERE ${key}`;
      const [row] = await db.$queryRawUnsafe<DocumentVersion[]>(sql, ...keyOf(context, id));
      return row ?? null;
    },

    /** When the newest document of a context was changed, of those changed after an instant; null: there are none. */
    selectNewest: async (context: DocumentContext, since = ''): Promise<Date | null> => {
      const sql = `SELECT max(updated_at) AS newest FROM document
        WHERE organisation_id = $1 AND context = $2 AND ($3 = '' OR updated_at > NULLIF($3, '')::timestamptz)`;
      const values = [context.organisationId, digestOf(context), since];
      const [row] = await db.$queryRawUnsafe<{ newest: Date | null }[]>(sql, ...values);
      return row?.newest ?? null;
    },

    /** Ids behind one, in order of their code points; of documents that were changed after an instant. */
    selectIds: async (
      context: DocumentContext,
      page: { after: string; limit: number; since?: string | undefined },
    ): Promise<string[]> => {
      const sql = `SELECT id FROM document
        WHERE organisation_id = $1 AND context = $2 AND ($3 = '' OR updated_at > NULLIF($3, '')::timestamptz) AND id > $4
        ORDER BY id LIMIT $5::int`;
      const values = [
        context.organisationId,
        digestOf(context),
        page.since ?? '',
        page.after,
        String(page.limit),
      ];
      return (await db.$queryRawUnsafe<{ id: string }[]>(sql, ...values)).map(({ id }) => id);
    },

    /** Puts it there whatever there is. */
    upsert: (context: DocumentContext, id: string, content: DocumentContent) =>
      execute(
        `${insertion} ON CONFLICT (organisation_id, context, id) DO UPDATE
         SET content_type = EXCLUDED.content_type, content = EXCLUDED.content, etag = EXCLUDED.etag,
           updated_at = clock_timestamp()`,
        ...rowOf(context, id, content),
      ),

    /** Whether it was put there: not where there is one. */
    insert: async (context: DocumentContext, id: string, content: DocumentContent): Promise<boolean> =>
      (await execute(`${insertion} ON CONFLICT DO NOTHING`, ...rowOf(context, id, content))) === 1,

    /** Whether it took the place of this version: not where there is another, or none. */
    update: async (
      context: DocumentContext,
      id: string,
      { content, before }: { content: DocumentContent; before: DocumentVersion },
    ): Promise<boolean> => {
      const sql = `UPDATE document
        SET content_type = $4, content = $5, etag = $6, updated_at = clock_timestamp()
        WHERE ${key} AND etag = $7 AND content_type = $8`;
      const values = [content.contentType, content.bytes, etagOf(content), before.etag, before.contentType];
      return (await execute(sql, ...keyOf(context, id), ...values)) === 1;
    },

    /** Whether this version was deleted. */
    delete: async (context: DocumentContext, id: string, before: DocumentVersion): Promise<boolean> => {
      const sql = `DELETE FROM document WHERE ${key} AND etag = $4 AND content_type = $5`;
      return (await execute(sql, ...keyOf(context, id), before.etag, before.contentType)) === 1;
    },

    deleteAll: (context: DocumentContext) =>
      execute(
        'DELETE FROM document WHERE organisation_id = $1 AND context = $2',
        context.organisationId,
        digestOf(context),
      ),

    /** A person's next documents behind a place: those that fit into so many bytes, or one. */
    selectOfPerson: (
      { organisationId, keys, until }: DocumentOwner,
      page: { after: string; bytes: number },
    ): Promise<PersonsDocument[]> => {
      // The sizes are added up before anything large is read.
      const sql = `
        SELECT found.place, d.kind, d.id, d.activity, d.agent, d.registration::text AS registration, ${columns('d.')}
        FROM (
          SELECT context, id, place, sum(size) OVER (ORDER BY place) - size AS before FROM (
            SELECT context, id, ${place} AS place, octet_length(content) AS size
            FROM document
            WHERE organisation_id = $1 AND person = ANY($2) AND created_at <= $3::timestamptz AND ${place} > $4
            ORDER BY place LIMIT 1000
          ) AS sized
        ) AS found JOIN document d ON d.organisation_id = $1 AND d.context = found.context AND d.id = found.id
        WHERE found.before < $5::int
        ORDER BY found.place`;
      const values = [organisationId, [...keys], until.toISOString(), page.after, String(page.bytes)];
      return db.$queryRawUnsafe<PersonsDocument[]>(sql, ...values);
    },

    /** Answers how many there were. */
    deleteOfPerson: ({ organisationId, keys, until }: DocumentOwner): Promise<number> =>
      execute(
        `DELETE FROM document WHERE organisation_id = $1 AND person = ANY($2) AND created_at <= $3::timestamptz`,
        organisationId,
        [...keys],
        until.toISOString(),
      ),
  };
}

export function etagOf({ bytes }: Pick<DocumentContent, 'bytes'>): string {
  return createHash('sha1').update(bytes).digest('hex');
}

const insertion = `INSERT INTO document (organisation_id, context, id, kind, activity, agent, person, registration,
    content_type, content, etag)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8::uuid, $9, $10, $11)`;

function rowOf(context: DocumentContext, id: string, content: DocumentContent): unknown[] {
  const { organisationId, kind, activity = null, agent = null, registration = null } = context;
  const person = agent === null ? null : comparableKey(agent);
  const { contentType, bytes } = content;
  const about = [kind, activity, agent, person, registration];
  return [organisationId, digestOf(context), id, ...about, contentType, bytes, etagOf(content)];
}

function digestOf({ kind, activity, agent, registration }: DocumentContext): Buffer {
  const parts = [kind, activity ?? null, agent ?? null, registration ?? null];
  return createHash('sha256').update(JSON.stringify(parts)).digest();
}
