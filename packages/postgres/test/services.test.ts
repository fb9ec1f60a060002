import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { repositoryRoot } from '@lyceum/service';
import { prepareDatabase } from '@lyceum/testing';
import pg from 'pg';
import { ensureDatabase, serviceDatabaseUrl } from '../src/index.ts';
import { sqlForSchema } from './prisma-engine.ts';

const root = repositoryRoot();
const folders = [...readdirSync(join(root, 'subgraphs')).map((name) => `subgraphs/${name}`), 'lrs'].filter(
  (folder) => existsSync(join(root, folder, 'prisma/schema.prisma')),
);

/** Columns with their types, and what is unique: what a Prisma client relies on. Its lists are never null to it. */
const facts = `
  SELECT table_name || '.' || column_name || ' ' || udt_name || ' ' ||
         CASE WHEN data_type = 'ARRAY' THEN '' WHEN is_nullable = 'YES' THEN 'NULL' ELSE 'NOT NULL' END AS fact
  FROM information_schema.columns WHERE table_schema = 'public'
  UNION ALL
  SELECT regexp_replace(indexdef, ' INDEX \\S+ ON', ' ON') FROM pg_indexes
  WHERE schemaname = 'public' AND indexdef LIKE 'CREATE UNIQUE%' AND indexdef NOT LIKE '%WHERE%'`;

async function factsOf(url: string, script = ''): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(script);
  const { rows } = await client.query<{ fact: string }>(facts);
  await client.end();
  return rows.map(({ fact }) => fact).filter((fact) => !fact.includes('_prisma_migrations'));
}

describe.each(folders)('the migrations of %s', (folder) => {
  test('make what its schema.prisma says', async () => {
    const service = folder.replace('subgraphs/', '');
    const server = await prepareDatabase(service, join(root, folder, 'prisma/migrations'));
    const schema = readFileSync(join(root, folder, 'prisma/schema.prisma'), 'utf8');
    const said = serviceDatabaseUrl(server, 'said');
    await ensureDatabase(said);
    const made = new Set(await factsOf(serviceDatabaseUrl(server, service)));
    const wanted = await factsOf(said, await sqlForSchema(said, schema));
    expect(wanted.length).toBeGreaterThan(5);
    expect(wanted.filter((fact) => !made.has(fact))).toEqual([]);
  });
});
