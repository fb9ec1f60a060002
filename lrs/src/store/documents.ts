import { createHash } from 'node:crypto';
import type { Query } from '@lyceum/postgres';
import { comparableKey } from '@lyceum/xapi';

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

const columns = 'content_type AS "contentType", content AS bytes, etag, updated_at AS "updatedAt"';

const key = 'organisation_id = $1 AND context = $2 AND id = $3';

export type DocumentStore = ReturnType<typeof documentStore>;

/** Each is one statement, and so all of it or nothing. */
export function documentStore(query: Query) {
  const select = async (sql: string, ...values: unknown[]) => (await query(sql, values)).rows;
  const execute = async (sql: string, ...values: unknown[]) => (await query(sql, values)).count;
  const keyOf = (context: DocumentContext, id: string) => [context.organisationId, digestOf(context), id];

  return {
    selectOptional: async (context: DocumentContext, id: string): Promise<StoredDocument | null> => {
      const sql = `SELECT ${columns} FROM document WHERE ${key}`;
      const [row] = await select(sql, ...keyOf(context, id));
      return (row as StoredDocument | undefined) ?? null;
    },

    selectOptionalVersion: async (context: DocumentContext, id: string): Promise<DocumentVersion | null> => {
      const sql = `SELECT etag, content_type AS "contentType" FROM document WHERE ${key}`;
      const [row] = await select(sql, ...keyOf(context, id));
      return (row as DocumentVersion | undefined) ?? null;
    },

    /** When the newest document of a context was changed, of those changed after an instant; null: there are none. */
    selectNewest: async (context: DocumentContext, since = ''): Promise<Date | null> => {
      const sql = `SELECT max(updated_at) AS newest FROM document
        WHERE organisation_id = $1 AND context = $2 AND ($3 = '' OR updated_at > NULLIF($3, '')::timestamptz)`;
      const values = [context.organisationId, digestOf(context), since];
      const [row] = await select(sql, ...values);
      return (row as { newest: Date | null }).newest;
    },

    /** Ids behind one, in order of their code points; of documents that were changed after an instant. */
    selectIds: async (
      context: DocumentContext,
      page: { after: string; limit: number; since?: string | undefined },
    ): Promise<string[]> => {
      const sql = `SELECT id FROM document
        WHERE organisation_id = $1 AND context = $2 AND ($3 = '' OR updated_at > NULLIF($3, '')::timestamptz) AND id > $4
        ORDER BY id LIMIT $5`;
      const values = [context.organisationId, digestOf(context), page.since ?? '', page.after, page.limit];
      return ((await select(sql, ...values)) as { id: string }[]).map(({ id }) => id);
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
