import type { ClickHouseClient } from '@lyceum/clickhouse';

/** Of the Learning Record Store: what records reads and lrs-ingest makes, when it first starts. */
const lrsTables = [
  'statements',
  'statement_references',
  'voids',
  'activity_definitions',
  'agent_names',
  'verbs',
  'activity_minutes',
  'verb_minutes',
  'activity_hours',
  'actor_hours',
];

/** @throws Error that names the tables of the Learning Record Store that are not there yet, and who makes them. */
export async function checkLrsTables(clickHouse: ClickHouseClient): Promise<void> {
  const answer = await clickHouse.query({
    query:
      'SELECT name FROM system.tables WHERE database = currentDatabase() AND name IN {tables:Array(String)}',
    query_params: { tables: lrsTables },
    format: 'JSONEachRow',
  });
  const found = await answer.json<{ name: string }>();
  const missing = lrsTables.filter((table) => !found.some(({ name }) => name === table));
  if (missing.length === 0) return;
  throw new Error(`ClickHouse has no table ${missing.join(', ')} yet: lrs-ingest makes it when it starts`);
}
