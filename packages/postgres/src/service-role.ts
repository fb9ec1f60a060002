import pg from 'pg';
import { StartError } from '@lyceum/service';
import { withClient } from './database.ts';

/** The tables to which the service only ever adds, through functions of their owner. */
export interface Restrictions {
  readonly appendOnly: readonly string[];
}

/** Held while the role is made and given its rights: two instances that do so at once would refuse each other. */
const roleLock = 0x4c_59_52; // 'LYR'

/**
 * Makes the role that a service works as, `<database>_service`, and gives it every right on the service's tables but
 * that of changing the append-only ones. Who connects takes the role on (`SET ROLE`): a fault in a query, or a query
 * that somebody slips in, then can't rewrite them.
 *
 * @returns the role's name
 * @throws StartError where the user of the URL may not make roles (CREATEROLE) and nobody has made this one for it
 */
export async function ensureServiceRole(url: string, { appendOnly }: Restrictions): Promise<string> {
  const role = `${decodeURIComponent(new URL(url).pathname.slice(1))}_service`;
  await withClient(url, async (client) => {
    await client.query('SELECT pg_advisory_lock($1)', [roleLock]);
    await makeRole(client, role).catch((error: unknown) => {
      throw isDenied(error) ? roleNeeded(role, client.user) : error;
    });
    for (const statement of rights(pg.escapeIdentifier(role), appendOnly)) await client.query(statement);
  });
  return role;
}

const isDenied = (error: unknown): boolean => (error as { code?: string }).code === '42501';

function roleNeeded(role: string, user = 'the user of DATABASE_URL'): StartError {
  return new StartError(
    `${user} may not make the PostgreSQL role "${role}" (it needs CREATEROLE), as which the service works. ` +
      `Let somebody who may run: CREATE ROLE "${role}" NOLOGIN; GRANT "${role}" TO "${user}";`,
  );
}

async function makeRole(client: pg.Client, role: string): Promise<void> {
  const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
  const name = pg.escapeIdentifier(role);
  if (rowCount === 0) await client.query(`CREATE ROLE ${name} NOLOGIN`);
  const { rows } = await client.query<{ may: boolean }>(
    `SELECT pg_has_role(current_user, $1, 'SET') AS may`,
    [role],
  );
  if (rows[0]?.may !== true) await client.query(`GRANT ${name} TO CURRENT_USER`);
}

function rights(role: string, appendOnly: readonly string[]): string[] {
  return [
    `GRANT USAGE ON SCHEMA public TO ${role}`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role}`,
    `GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO ${role}`,
    ...appendOnly.map((table) => {
      const name = pg.escapeIdentifier(table);
      return `REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON ${name} FROM ${role}`;
    }),
  ];
}
