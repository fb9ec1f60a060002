import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { mailTable } from '@lyceum/mail';
import { ensureDatabase, migrate, serviceDatabaseUrl } from '@lyceum/postgres';
import { newId, workspaceFile } from '@lyceum/service';
import { graphqlClient, temporaryDirectory, testServerUrl } from '@lyceum/testing';
import pg from 'pg';
import { hashPassword } from '../src/domain/passwords.ts';
import { logIn, runIdentity } from './kit/identity.ts';
import { publishedEvents } from './kit/published-events.ts';

const migrations = workspaceFile('subgraphs/identity', 'prisma/migrations');

/** A database as the migrations up to `last` made it. */
async function databaseAt(last: string): Promise<{ serverUrl: string; url: string }> {
  const directory = join(temporaryDirectory(), 'migrations');
  mkdirSync(directory);
  for (const name of readdirSync(migrations).filter((each) => each <= last)) {
    cpSync(join(migrations, name), join(directory, name), { recursive: true });
  }
  const serverUrl = new URL(testServerUrl());
  serverUrl.pathname = `/${newId('old').replaceAll('_', '')}`;
  const url = serviceDatabaseUrl(serverUrl.toString(), 'identity');
  await ensureDatabase(url);
  await migrate(url, directory);
  return { serverUrl: serverUrl.toString(), url };
}

test('mails lie in the very table that @lyceum/mail is tested with', () => {
  const applied = readFileSync(join(migrations, '0007_mail/migration.sql'), 'utf8');
  expect(applied).toContain(mailTable.trim());
});

test('who had a name and a password before they were the membership’s keeps both', async () => {
  const { serverUrl, url } = await databaseAt('0002_outbox');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const [organisationId, userId] = [newId('org'), newId('user')];
  await client.query('INSERT INTO organisation (id, slug, name) VALUES ($1, $2, $2)', [
    organisationId,
    'old',
  ]);
  await client.query(
    `INSERT INTO "user" (id, email, name, password_hash, created_at) VALUES ($1, $2, $3, $4, '2025-01-02T03:04:05Z')`,
    [userId, 'old@people.example', 'Old Hand', await hashPassword('old-password')],
  );
  await client.query(`INSERT INTO membership (organisation_id, user_id, roles) VALUES ($1, $2, '{AUTHOR}')`, [
    organisationId,
    userId,
  ]);
  await client.end();

  const identity = await runIdentity({ DATABASE_URL: serverUrl, LYCEUM_DEMO: '0' });
  const { accessToken } = await logIn(graphqlClient(identity.url), 'old@people.example', 'old-password');
  const { data } = await graphqlClient(
    identity.url,
    accessToken,
  )('{ viewer { roles user { id name email createdAt } organisation { id } } }');
  expect(data).toEqual({
    viewer: {
      roles: ['AUTHOR'],
      user: {
        id: userId,
        name: 'Old Hand',
        email: 'old@people.example',
        createdAt: '2025-01-02T03:04:05.000Z',
      },
      organisation: { id: organisationId },
    },
  });
  await identity.stop();
});

describe('the oldest organisation is the platform’s', () => {
  /** Organisations of before, in each an administrator, and who stands above them after the migration. */
  async function above(slugs: readonly string[]) {
    const { serverUrl, url } = await databaseAt('0015_single_sign_on');
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    for (const [age, slug] of slugs.entries()) {
      const since = `2025-01-0${age + 1}T00:00:00Z`;
      const id = newId('org');
      await client.query('INSERT INTO organisation (id, slug, name, created_at) VALUES ($1, $2, $2, $3)', [
        id,
        slug,
        since,
      ]);
      for (const [place, roles] of ['{LEARNER}', '{ADMIN}', '{ADMIN}'].entries()) {
        const [userId, email] = [newId('user'), `${slug}-${place}@people.example`];
        await client.query('INSERT INTO "user" (id, email) VALUES ($1, $2)', [userId, email]);
        await client.query(
          `INSERT INTO membership (organisation_id, user_id, email, name, roles, created_at)
           VALUES ($1, $2, $3, 'Somebody', $4, $5::timestamptz + make_interval(hours => $6))`,
          [id, userId, email, roles, since, place],
        );
      }
    }
    await migrate(url, migrations);
    const { rows: platform } = await client.query<{ slug: string; people_count: number }>(
      'SELECT slug, people_count FROM organisation WHERE platform',
    );
    const { rows: holders } = await client.query<{ email: string }>(
      "SELECT email FROM membership WHERE 'PLATFORM_ADMIN' = ANY(roles)",
    );
    await client.end();
    expect(serverUrl).toBeTruthy();
    return { platform, holders: holders.map(({ email }) => email) };
  }

  test('and where it is the only one, its first administrator stands above all', async () => {
    expect(await above(['only'])).toEqual({
      platform: [{ slug: 'only', people_count: 3 }],
      holders: ['only-1@people.example'],
    });
  });

  test('and where there are several, nobody does before the operator says who', async () => {
    expect(await above(['first', 'second'])).toEqual({
      platform: [{ slug: 'first', people_count: 3 }],
      holders: [],
    });
  });

  test('and where there is none, nothing happens', async () => {
    expect(await above([])).toEqual({ platform: [], holders: [] });
  });
});

test('who was in a group before others kept its people is told once more, as its contract says', async () => {
  const { serverUrl, url } = await databaseAt('0020_preferences_and_settings');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const [organisationId, groupId, empty] = [newId('org'), newId('group'), newId('group')];
  await client.query('INSERT INTO organisation (id, slug, name) VALUES ($1, $2, $2)', [
    organisationId,
    'old',
  ]);
  await client.query(
    `INSERT INTO "group" (id, organisation_id, name) VALUES ($1, $3, 'Full'), ($2, $3, 'Empty')`,
    [groupId, empty, organisationId],
  );
  await client.query(
    `WITH person AS (INSERT INTO "user" (id, email)
       SELECT 'user_' || n, n || '@people.example' FROM generate_series(1, 1201) AS n RETURNING id, email),
     member AS (INSERT INTO membership (organisation_id, user_id, name, email, roles)
       SELECT $1, id, 'Old Hand', email, '{LEARNER}' FROM person RETURNING user_id)
     INSERT INTO group_member (organisation_id, group_id, user_id) SELECT $1, $2, user_id FROM member`,
    [organisationId, groupId],
  );
  await client.end();

  const identity = await runIdentity({ DATABASE_URL: serverUrl, LYCEUM_DEMO: '0' });
  await publishedEvents(identity, (told) => {
    const parts = told.flatMap((event) => (event.type === 'group.members-changed' ? [event] : []));
    expect(parts.map(({ data: { added } }) => added.length).sort((one, two) => one - two)).toEqual([
      201, 500, 500,
    ]);
    expect(new Set(parts.flatMap(({ data: { added } }) => added)).size).toBe(1201);
    for (const { subject, organisation, data } of parts)
      expect([subject, organisation, data.revision, data.removed]).toEqual([groupId, organisationId, 1, []]);
  });
  await identity.stop();
});
