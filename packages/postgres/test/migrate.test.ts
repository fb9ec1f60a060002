import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually, temporaryDirectory, testServerUrl } from '@lyceum/testing';
import pg from 'pg';
import { ensureDatabase, migrate, serviceDatabaseUrl } from '../src/index.ts';
import { diagnose } from './prisma-engine.ts';

/** A folder of migrations, as Prisma lays them out. */
function migrationsOf(scripts: Record<string, string>): string {
  const directory = temporaryDirectory();
  for (const [name, sql] of Object.entries(scripts)) {
    mkdirSync(join(directory, name));
    writeFileSync(join(directory, name, 'migration.sql'), sql);
  }
  return directory;
}

async function newDatabase(): Promise<string> {
  const server = new URL(testServerUrl());
  server.pathname = `/m${Date.now()}${Math.floor(Math.random() * 1e6)}`;
  const url = serviceDatabaseUrl(server.toString(), 'test');
  await ensureDatabase(url);
  return url;
}

async function rows(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const result = await client.query<Record<string, unknown>>(sql);
  await client.end();
  return result.rows;
}

const first = { '0001_first': 'CREATE TABLE a (id int); -- a; semicolon\nINSERT INTO a VALUES (1);' };
const withFunction = {
  ...first,
  '0002_function': 'CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$;',
};

test('applies what is missing, in order, once', async () => {
  const url = await newDatabase();
  expect(await migrate(url, migrationsOf(first))).toEqual(['0001_first']);
  expect(await migrate(url, migrationsOf(withFunction))).toEqual(['0002_function']);
  expect(await migrate(url, migrationsOf(withFunction))).toEqual([]);
  expect(await rows(url, 'SELECT id, f() FROM a')).toEqual([{ id: 1, f: 1 }]);
});

test('of several instances that start at once, one migrates', async () => {
  const url = await newDatabase();
  const directory = migrationsOf(withFunction);
  const applied = await Promise.all(Array.from({ length: 4 }, () => migrate(url, directory)));
  expect(applied.flat()).toEqual(['0001_first', '0002_function']);
});

test('data of a newer version is refused, untouched', async () => {
  const url = await newDatabase();
  await migrate(url, migrationsOf(withFunction));
  const older = migrationsOf({ ...first, '0001_second': 'DROP TABLE a;' });
  await expect(migrate(url, older)).rejects.toThrow(/written by a newer version \(it has 0002_function\)/);
  expect(await rows(url, 'SELECT id FROM a')).toEqual([{ id: 1 }]);
});

test('a migration that was changed after it had been applied is refused, whether or not others wait', async () => {
  const url = await newDatabase();
  await migrate(url, migrationsOf(first));
  const changed = { '0001_first': `${first['0001_first']} -- and more` };
  const refusal = /made by other scripts than are here: 0001_first was changed after it had been applied/;
  await expect(migrate(url, migrationsOf(changed))).rejects.toThrow(refusal);
  await expect(migrate(url, migrationsOf({ ...withFunction, ...changed }))).rejects.toThrow(refusal);
  expect(await rows(url, 'SELECT migration_name FROM _prisma_migrations')).toHaveLength(1);
});

test('a checkout that ends its lines otherwise has the same migrations', async () => {
  const url = await newDatabase();
  const windows = { '0001_first': first['0001_first'].replaceAll('\n', '\r\n') };
  await migrate(url, migrationsOf(windows));
  expect(await migrate(url, migrationsOf(first))).toEqual([]);
});

test('what was applied is noted as Prisma notes it: Prisma finds nothing amiss, and nothing to do', async () => {
  const url = await newDatabase();
  await migrate(url, migrationsOf(withFunction));
  const migrations = Object.entries(withFunction).map(([name, sql]) => ({ name, sql }));
  expect(await diagnose(url, migrations)).toMatchObject({
    hasMigrationsTable: true,
    history: null,
    editedMigrationNames: [],
    failedMigrationNames: [],
  });
  const edited = [{ name: '0001_first', sql: 'SELECT 1;' }, ...migrations.slice(1)];
  expect(await diagnose(url, edited)).toMatchObject({ editedMigrationNames: ['0001_first'] });
});

test('a script that fails leaves nothing of itself, and once corrected it is applied', async () => {
  const url = await newDatabase();
  const broken = { ...first, '0002_broken': 'CREATE TABLE b (id int); INSERT INTO missing VALUES (1);' };
  await expect(migrate(url, migrationsOf(broken))).rejects.toThrow(
    'The migration 0002_broken failed: relation "missing" does not exist',
  );
  expect(await rows(url, "SELECT to_regclass('b') AS b, (SELECT count(*)::int FROM a) AS a")).toEqual([
    { b: null, a: 1 },
  ]);
  expect(await migrate(url, migrationsOf({ ...first, '0002_broken': 'CREATE TABLE b (id int);' }))).toEqual([
    '0002_broken',
  ]);
});

const waiting = `SELECT pid FROM pg_stat_activity
  WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()`;

describe('killed while it migrates, a service finds its way at the next start', () => {
  const more = { ...first, '0002_more': 'CREATE TABLE c (id int); ALTER TABLE a ADD b int;' };
  let url: string;
  let holder: pg.Client;

  beforeEach(async () => {
    url = await newDatabase();
    await migrate(url, migrationsOf(first));
    holder = new pg.Client({ connectionString: url });
    await holder.connect();
  });

  afterEach(() => holder.end());

  /** Migrates in a process of its own, and kills that once it waits for the lock that is held here. */
  async function killWhileWaitingFor(lock: string, directory: string): Promise<void> {
    await holder.query(lock);
    const script = join(import.meta.dirname, 'migrate-child.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', script, url, directory], { stdio: 'inherit' });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await eventually(async () => {
      expect(await rows(url, waiting)).toHaveLength(1);
    });
    child.kill('SIGKILL');
    await ended;
  }

  test('the script that the server broke off is run', async () => {
    const directory = migrationsOf(more);
    await killWhileWaitingFor('BEGIN; LOCK TABLE a', directory);
    await rows(url, `SELECT pg_terminate_backend(pid) FROM (${waiting}) AS w`);
    await holder.query('COMMIT');
    expect(await migrate(url, directory)).toEqual(['0002_more']);
    expect(await rows(url, 'SELECT id, b FROM a')).toEqual([{ id: 1, b: null }]);
  });

  test('the script that the server goes on with is waited for, and run when that was undone', async () => {
    const directory = migrationsOf(more);
    await killWhileWaitingFor('BEGIN; LOCK TABLE a', directory);
    const migrated = migrate(url, directory);
    await eventually(async () => {
      expect(await rows(url, waiting)).toHaveLength(2);
    });
    await holder.query('COMMIT');
    expect(await migrated).toEqual(['0002_more']);
    expect(await rows(url, 'SELECT id, b FROM a')).toEqual([{ id: 1, b: null }]);
  });
});

describe('what an earlier version left, that noted a migration apart from its script', () => {
  const more = { ...first, '0002_more': 'CREATE TABLE c (id int);' };
  let url: string;

  beforeEach(async () => {
    url = await newDatabase();
    await migrate(url, migrationsOf(first));
  });

  const note = (steps: number) =>
    rows(
      url,
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, applied_steps_count)
       VALUES ('earlier', encode(sha256('CREATE TABLE c (id int);'), 'hex'), '0002_more', ${steps})`,
    );

  test('the script that was committed, and not yet noted so, is not run again', async () => {
    await rows(url, more['0002_more']);
    await note(1);
    expect(await migrate(url, migrationsOf(more))).toEqual([]);
    expect(await rows(url, 'SELECT id FROM c')).toEqual([]);
  });

  test('the script that left nothing but a note is run', async () => {
    await note(0);
    expect(await migrate(url, migrationsOf(more))).toEqual(['0002_more']);
    expect(
      await rows(url, "SELECT count(*)::int FROM _prisma_migrations WHERE migration_name = '0002_more'"),
    ).toEqual([{ count: 1 }]);
  });

  test('a script that an earlier version still runs is waited for', async () => {
    const running = new pg.Client({ connectionString: url });
    await running.connect();
    await running.query('BEGIN');
    await running.query(`SELECT pg_advisory_xact_lock(5003603)`);
    await note(0);
    await running.query(more['0002_more']);
    await running.query('UPDATE _prisma_migrations SET applied_steps_count = 1 WHERE finished_at IS NULL');
    const migrated = migrate(url, migrationsOf(more));
    await eventually(async () => {
      expect(await rows(url, waiting)).toHaveLength(1);
    });
    await running.query('COMMIT');
    await running.end();
    expect(await migrated).toEqual([]);
  });
});

test('a server that does not answer is named, with how long it was tried', async () => {
  const url = 'postgresql://lyceum:secret@127.0.0.1:1/lyceum_test';
  await expect(ensureDatabase(url, { timeoutMs: 1_000 })).rejects.toThrow(
    /^PostgreSQL at postgresql:\/\/lyceum:\*\*\*@127\.0\.0\.1:1\/lyceum_test does not answer \(tried for 1 s; .*DATABASE_URL\.$/,
  );
});
