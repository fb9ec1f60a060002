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
      const query = queryFor(learners);
      const answer = await client.query({
        query,
        query_params: { organisation: organisationId, ...prefixesOf(publicUrl) },
        // 262,144 bytes unless told (https://clickhouse.com/docs/operations/settings/settings#max_query_size).
        clickhouse_settings: { max_query_size: String(Buffer.byteLength(query) + 10_000) },
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

/** What activities of ours begin with, and actors by an account of ours, the home page without and with a slash. */
function prefixesOf(publicUrl: string): Record<'activities' | 'accounts' | 'slashedAccounts', string> {
  const homePage = agentOf(publicUrl, '').account?.homePage ?? publicUrl;
  const accounts = (home: string) => agentKey({ account: { homePage: home, name: '' } }) ?? '';
  return {
    activities: activityIriPrefix(publicUrl),
    accounts: accounts(homePage),
    slashedAccounts: accounts(`${homePage}/`),
  };
}

/** The actor column by the name that learners are looked for by: an account without its home page, or an address. */
const name = `multiIf(
  startsWith(actor, {accounts:String}), substring(actor, length({accounts:String}) + 1),
  startsWith(actor, {slashedAccounts:String}), substring(actor, length({slashedAccounts:String}) + 1),
  lowerUTF8(actor))`;

/**
 * The learners' names go in the query's text, since there may be thousands and parameters travel in the URL; as one
 * literal, which is read faster than a list. A group that has the address of a person is not that person.
 */
function queryFor(learners: readonly NamedLearner[]): string {
  const first = (verbs: readonly string[]) => {
    const said = `verb IN (${verbs.map(quoted).join(',')})`;
    return `if(countIf(${said}) = 0, NULL, toString(minIf(least(timestamp, stored), ${said})))`;
  };
  return `
    WITH names AS (
      SELECT name, learner FROM format(TSV, 'name String, learner String', ${quoted(namesOf(learners))}))
    SELECT names.learner AS learner, activity,
      ${first(verbsOf.startedAt)} AS startedAt, ${first(verbsOf.completedAt)} AS completedAt,
      ${first(verbsOf.passedAt)} AS passedAt, ${first(verbsOf.failedAt)} AS failedAt
    FROM (
      SELECT ${name} AS name, activity, verb, timestamp, stored
      FROM statements
      WHERE organisation = {organisation:String} AND startsWith(activity, {activities:String})
        AND verb IN (${Object.values(verbsOf).flat().map(quoted).join(',')})
        AND name IN (SELECT name FROM names)
        AND JSONExtractString(statement, 'actor', 'objectType') != 'Group') AS told
    INNER JOIN names ON names.name = told.name
    GROUP BY learner, activity`;
}

/** A line for each name: the name, and the learner whose it is. */
function namesOf(learners: readonly NamedLearner[]): string {
  const lines = learners.flatMap(({ learnerId, addresses }) =>
    [learnerId, ...addresses.map((address) => `mailto:${address}`)].map(
      (each) => `${tabSeparated(each)}\t${tabSeparated(learnerId)}\n`,
    ),
  );
  return lines.join('');
}

/** https://clickhouse.com/docs/interfaces/formats/TabSeparated */
function tabSeparated(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/\t/g, '\\t').replace(/\n/g, '\\n');
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
