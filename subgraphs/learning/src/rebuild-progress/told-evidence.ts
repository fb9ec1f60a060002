import { createClickHouseClient } from '@lyceum/clickhouse';
import { idPrefix } from '@lyceum/service';
import { activityIdOf, activityIriPrefix, agentKey, agentOf } from '@lyceum/xapi';
import type { FoundEvidence } from '../domain/record-evidence.ts';
import { verbsOf } from '../domain/statement-rules.ts';

/** A learner by every name that statements may use. */
export interface NamedLearner {
  readonly organisationId: string;
  readonly learnerId: string;
  /** Lower case, without `mailto:`. */
  readonly addresses: readonly string[];
}

/** What all statements of the Learning Record Store together say of learners. */
export interface ToldEvidence {
  /** Of some learners of one organisation; one entry at most for a learner and an item. */
  select(organisationId: string, learners: readonly NamedLearner[]): Promise<FoundEvidence[]>;
  /** Rejects with the reason where the store does not answer. */
  check(): Promise<void>;
  close(): Promise<void>;
}

interface Row {
  learner: string;
  activity: string;
  startedAt: string | null;
  completedAt: string | null;
  passedAt: string | null;
  failedAt: string | null;
}

/** Reads the table `statements` (lrs/clickhouse/migrations); ClickHouse counts, so that no statement travels. */
export function createToldEvidence({ url, publicUrl }: { url: string; publicUrl: string }): ToldEvidence {
  const client = createClickHouseClient({ url, application: 'lyceum-rebuild-progress' });
  return {
    async select(organisationId, learners) {
      const names = learners.flatMap((learner) => namesOf(publicUrl, learner));
      const answer = await client.query({
        query: queryFor(names),
        query_params: { organisation: organisationId, prefix: activityIriPrefix(publicUrl) },
        format: 'JSONEachRow',
      });
      const rows = await answer.json<Row>();
      return rows.flatMap((row) => evidenceOf(publicUrl, organisationId, row));
    },
    async check() {
      const result = await client.ping();
      if (!result.success) throw result.error;
    },
    close: () => client.close(),
  };
}

/** The actor column of statements by the learner (in lower case), and whom it stands for. */
function namesOf(
  publicUrl: string,
  { learnerId, addresses }: NamedLearner,
): [actor: string, learnerId: string][] {
  const { account } = agentOf(publicUrl, learnerId);
  const accounts = [publicUrl, `${publicUrl}/`].map((homePage) =>
    agentKey({ account: { homePage, name: account?.name ?? learnerId } }),
  );
  const actors = [...accounts, ...addresses.map((address) => `mailto:${address}`)];
  return actors.map((actor) => [String(actor).toLowerCase(), learnerId]);
}

/**
 * The names go in the query's text: there may be thousands, and parameters travel in the URL. A group that has the
 * address of a person is not that person.
 */
function queryFor(names: readonly [string, string][]): string {
  const actors = names.map(([actor]) => quoted(actor)).join(',');
  const learners = names.map(([, learnerId]) => quoted(learnerId)).join(',');
  const first = (verbs: readonly string[]) => {
    const said = `verb IN (${verbs.map(quoted).join(',')})`;
    return `if(countIf(${said}) = 0, NULL, toString(minIf(least(timestamp, stored), ${said})))`;
  };
  return `
    SELECT transform(lower(actor), [${actors}], [${learners}], '') AS learner, activity,
      ${first(verbsOf.startedAt)} AS startedAt, ${first(verbsOf.completedAt)} AS completedAt,
      ${first(verbsOf.passedAt)} AS passedAt, ${first(verbsOf.failedAt)} AS failedAt
    FROM statements
    WHERE organisation = {organisation:String} AND startsWith(activity, {prefix:String})
      AND verb IN (${Object.values(verbsOf).flat().map(quoted).join(',')})
      AND lower(actor) IN (${actors})
      AND JSONExtractString(statement, 'actor', 'objectType') != 'Group'
    GROUP BY learner, activity`;
}

/** https://clickhouse.com/docs/sql-reference/syntax#string */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

function evidenceOf(publicUrl: string, organisationId: string, row: Row): FoundEvidence[] {
  const itemId = activityIdOf(publicUrl, row.activity);
  if (itemId === null || idPrefix(itemId) !== 'item') return [];
  const evidence = {
    startedAt: instant(row.startedAt),
    completedAt: instant(row.completedAt),
    passedAt: instant(row.passedAt),
    failedAt: instant(row.failedAt),
  };
  return [{ organisationId, learnerId: row.learner, itemId, ...evidence }];
}

/** `2026-11-21 09:30:00.000000`, UTC, as ClickHouse writes a DateTime64; see happenedAt in events/read-statement.ts. */
function instant(text: string | null): Date | null {
  return text === null ? null : new Date(Math.max(0, Date.parse(`${text.replace(' ', 'T')}Z`)));
}
