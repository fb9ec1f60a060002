import type { System } from '@lyceum/testing';
import pg from 'pg';

/** Rows of the database of a service, such as `learning`. */
export async function queryDatabase<Row extends pg.QueryResultRow>(
  system: System,
  service: string,
  query: string,
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: await system.databaseUrl(service) });
  await client.connect();
  try {
    return (await client.query<Row>(query)).rows;
  } finally {
    await client.end();
  }
}
