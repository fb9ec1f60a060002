import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDatabase, migrate } from '@lyceum/postgres';
import pg from 'pg';

/** The PostgreSQL of this test run (jest/start-postgres.mjs). */
export function testServerUrl(): string {
  const url = process.env['LYCEUM_TEST_DATABASE_URL'];
  if (url === undefined) throw new Error('No PostgreSQL for tests: set postgres: true in jest.config.js.');
  return url;
}

const templateLock = 0x54_50_4c; // 'TPL'

/**
 * A fresh, migrated database for one service, cloned from a template that is migrated once a run: about 30 ms.
 *
 * @returns the DATABASE_URL to start the service with.
 */
export async function prepareDatabase(service: string, migrations: string): Promise<string> {
  const prefix = `t${randomBytes(6).toString('hex')}`;
  await withServer(async (server) => {
    await server.query('SELECT pg_advisory_lock($1)', [templateLock]);
    const template = await ensureTemplate(server, service, migrations);
    await server.query(`CREATE DATABASE "${prefix}_${service}" TEMPLATE "${template}"`);
  });
  return urlOf(prefix);
}

async function ensureTemplate(server: pg.Client, service: string, migrations: string): Promise<string> {
  const name = `template_${service}_${digestOf(migrations)}`;
  const { rowCount } = await server.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
  if (rowCount === 1) return name;
  const making = `${name}_making`;
  await server.query(`DROP DATABASE IF EXISTS "${making}"`);
  await ensureDatabase(urlOf(making));
  await migrate(urlOf(making), migrations);
  await server.query(`ALTER DATABASE "${making}" RENAME TO "${name}"`);
  return name;
}

function digestOf(migrations: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(migrations).sort()) {
    if (!name.endsWith('.toml')) hash.update(readFileSync(join(migrations, name, 'migration.sql')));
  }
  return hash.digest('hex').slice(0, 12);
}

function urlOf(database: string): string {
  const url = new URL(testServerUrl());
  url.pathname = `/${database}`;
  return url.toString();
}

async function withServer(work: (server: pg.Client) => Promise<void>): Promise<void> {
  const server = new pg.Client({ connectionString: testServerUrl() });
  await server.connect();
  try {
    await work(server);
  } finally {
    await server.end();
  }
}
