import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { temporaryDirectory, testServerUrl } from '@lyceum/testing';
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

test('a script that fails leaves nothing of itself', async () => {
  const url = await newDatabase();
  const directory = migrationsOf({
    '0001_broken': 'CREATE TABLE b (id int); INSERT INTO missing VALUES (1);',
  });
  await expect(migrate(url, directory)).rejects.toThrow();
  expect(await rows(url, "SELECT to_regclass('b') AS b")).toEqual([{ b: null }]);
});

test('a server that does not answer is named, with how long it was tried', async () => {
  const url = 'postgresql://lyceum:secret@127.0.0.1:1/lyceum_test';
  await expect(ensureDatabase(url, { timeoutMs: 1_000 })).rejects.toThrow(
    /^PostgreSQL at postgresql:\/\/lyceum:\*\*\*@127\.0\.0\.1:1\/lyceum_test does not answer \(tried for 1 s; .*DATABASE_URL\.$/,
  );
});
