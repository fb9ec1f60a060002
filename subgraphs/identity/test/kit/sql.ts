import { serviceDatabaseUrl } from '@lyceum/postgres';
import pg from 'pg';

/** A connection past the service; whoever opens it ends it. */
export async function connect(databaseUrl: string, options?: string): Promise<pg.Client> {
  const connectionString = serviceDatabaseUrl(databaseUrl, 'identity');
  const client = new pg.Client({ connectionString, ...(options === undefined ? {} : { options }) });
  await client.connect();
  return client;
}

/** Looks into the tables, or lets time pass for what is in them. */
export async function sql<Row extends pg.QueryResultRow>(
  databaseUrl: string,
  statement: string,
  values: unknown[] = [],
  options?: string,
): Promise<Row[]> {
  const client = await connect(databaseUrl, options);
  try {
    return (await client.query<Row>(statement, values)).rows;
  } finally {
    await client.end();
  }
}
