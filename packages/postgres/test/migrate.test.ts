import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually, temporaryDirectory, testServerUrl } from '@lyceum/testing';
import pg from 'pg';
import { ensureDatabase, migrate, serviceDatabaseUrl } from '../src/index.ts';

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

test('a script that fails leaves nothing of itself, and once corrected it is applied', async () => {
  const url = await newDatabase();
  const broken = { '0001_broken': 'CREATE TABLE b (id int); INSERT INTO missing VALUES (1);' };
  await expect(migrate(url, migrationsOf(broken))).rejects.toThrow();
  expect(await rows(url, "SELECT to_regclass('b') AS b")).toEqual([{ b: null }]);
  expect(await migrate(url, migrationsOf({ '0001_broken': 'CREATE TABLE b (id int);' }))).toEqual([
    '0001_broken',
  ]);
});

describe('killed while it migrates, a service finds its way at the next start', () => {
  const waiting = `SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()`;
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

  test('the script that the server goes on with is waited for, not run again', async () => {
    const directory = migrationsOf(more);
    await killWhileWaitingFor('BEGIN; LOCK TABLE a', directory);
    const migrated = migrate(url, directory);
    await eventually(async () => {
      expect(await rows(url, waiting)).toHaveLength(2);
    });
    await holder.query('COMMIT');
    expect(await migrated).toEqual([]);
    expect(await rows(url, 'SELECT id, b FROM a')).toEqual([{ id: 1, b: null }]);
  });

  test('the script that was committed, and not yet recorded so, is not run again', async () => {
    // It leaves a trigger that holds up the engine's next change of the record.
    const directory = migrationsOf({ ...first, '0002_more': committedThenHeldUp });
    await killWhileWaitingFor('SELECT pg_advisory_lock(1)', directory);
    await rows(url, `SELECT pg_terminate_backend(pid) FROM (${waiting}) AS w`);
    await rows(url, 'DROP TRIGGER hold ON _prisma_migrations');
    expect(await migrate(url, directory)).toEqual([]);
    expect(await rows(url, 'SELECT id FROM c')).toEqual([]);
  });

  const committedThenHeldUp = `
    CREATE TABLE c (id int);
    CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN IF OLD.applied_steps_count > 0 THEN PERFORM pg_advisory_xact_lock(1); END IF; RETURN NEW; END $$;
    CREATE TRIGGER hold BEFORE UPDATE ON _prisma_migrations FOR EACH ROW EXECUTE FUNCTION hold();`;
});

test('a server that does not answer is named, with how long it was tried', async () => {
  const url = 'postgresql://lyceum:secret@127.0.0.1:1/lyceum_test';
  await expect(ensureDatabase(url, { timeoutMs: 1_000 })).rejects.toThrow(
    /^PostgreSQL at postgresql:\/\/lyceum:\*\*\*@127\.0\.0\.1:1\/lyceum_test does not answer \(tried for 1 s; .*DATABASE_URL\.$/,
  );
});
