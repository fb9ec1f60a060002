import { expect, test } from '@jest/globals';
import { testServerUrl } from '@lyceum/testing';
import pg from 'pg';
import { ensureDatabase, withClient } from '../src/database.ts';
import { ensureServiceRole } from '../src/service-role.ts';

function urlOf(database: string, user?: string): string {
  const url = new URL(testServerUrl());
  url.pathname = `/${database}`;
  if (user !== undefined) [url.username, url.password] = [user, 'a password'];
  return url.toString();
}

async function withTables(database: string): Promise<string> {
  const url = urlOf(database);
  await ensureDatabase(url);
  await withClient(url, (client) =>
    client.query('CREATE TABLE IF NOT EXISTS kept (id int); CREATE TABLE IF NOT EXISTS free (id int)'),
  );
  return url;
}

/** What the role may not do, as PostgreSQL says. */
async function refusal(url: string, role: string, statement: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url, options: `-c role=${role}` });
  await client.connect();
  try {
    await client.query(statement);
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code;
  } finally {
    await client.end();
  }
}

test('the role has every right on the tables, but to change the append-only ones', async () => {
  const url = await withTables('roles-one');
  const restrictions = { appendOnly: ['kept'] };
  const [role] = await Promise.all([
    ensureServiceRole(url, restrictions),
    ensureServiceRole(url, restrictions),
  ]);
  expect(role).toBe('roles-one_service');
  for (const statement of [
    'INSERT INTO free VALUES (1)',
    'UPDATE free SET id = 2',
    'DELETE FROM free',
    'SELECT FROM kept',
  ])
    expect(await refusal(url, role, statement)).toBeUndefined();
  for (const statement of [
    'INSERT INTO kept VALUES (1)',
    'UPDATE kept SET id = 2',
    'DELETE FROM kept',
    'TRUNCATE kept',
  ])
    expect(await refusal(url, role, statement)).toBe('42501');
});

test('a user who may not make roles is told what somebody else must do, and then starts', async () => {
  const admin = urlOf('postgres');
  await withClient(admin, (client) => client.query(`CREATE ROLE plain LOGIN PASSWORD 'a password' CREATEDB`));
  const url = urlOf('roles-two', 'plain');
  await ensureDatabase(url);
  const start = () => ensureServiceRole(url, { appendOnly: [] });
  await expect(start()).rejects.toThrow(
    'plain may not make the PostgreSQL role "roles-two_service" (it needs CREATEROLE), as which the service works. ' +
      'Let somebody who may run: CREATE ROLE "roles-two_service" NOLOGIN; GRANT "roles-two_service" TO "plain";',
  );
  await withClient(admin, (client) =>
    client.query('CREATE ROLE "roles-two_service" NOLOGIN; GRANT "roles-two_service" TO "plain"'),
  );
  expect(await start()).toBe('roles-two_service');
});
