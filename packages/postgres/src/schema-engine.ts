import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import pg from 'pg';
import type * as schemaEngine from '@prisma/schema-engine-wasm';
import { withClient } from './database.ts';

type SchemaEngineModule = typeof schemaEngine;

export interface Migration {
  readonly name: string;
  readonly sql: string;
}

interface WasmBindings {
  __wbg_set_wasm(exports: unknown): void;
}

/** The part of the WebAssembly namespace that is used here: @types/node 20 leaves it to the DOM's types. */
const webAssembly = (globalThis as unknown as { WebAssembly: WebAssemblyNamespace }).WebAssembly;

interface WebAssemblyNamespace {
  instantiate(
    bytes: Uint8Array,
    imports: Record<string, unknown>,
  ): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>;
}

const noFilter = { externalTables: [], externalEnums: [] };

/** Applies with Prisma's own engine what is not applied yet, and answers the names of those. */
export async function applyMigrations(
  url: string,
  directory: string,
  migrations: readonly Migration[],
): Promise<string[]> {
  const work = async (engine: schemaEngine.SchemaEngine) => {
    const { appliedMigrationNames } = await engine.applyMigrations({
      migrationsList: {
        baseDir: directory,
        lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
        shadowDbInitScript: '',
        migrationDirectories: migrations.map(({ name, sql }) => ({
          path: name,
          migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: sql } },
        })),
      },
      filters: noFilter,
    });
    return appliedMigrationNames;
  };
  return withEngine(url, work, { complete: markingTheRecord(migrations) });
}

/** Held while the script of a migration runs, also by a connection whose client has died: PostgreSQL runs it to its end. */
export const scriptLock = 0x4c_59_53; // 'LYS'

/**
 * The engine records a migration's start and its end, each in a transaction of its own, and the script runs between
 * them. Marked within the script's transaction, the record tells after a crash whether the script was committed.
 */
function markingTheRecord(migrations: readonly Migration[]): (script: string) => string {
  const scripts = new Set(migrations.map(({ sql }) => sql));
  const lock = `SELECT pg_advisory_xact_lock(${scriptLock})`;
  const mark =
    'UPDATE _prisma_migrations SET applied_steps_count = 1 WHERE finished_at IS NULL AND rolled_back_at IS NULL';
  return (script) => (scripts.has(script) ? `${lock};${script}\n;${mark}` : script);
}

/** The SQL that makes from nothing what `schema`, the text of a schema.prisma, says. */
export async function sqlForSchema(url: string, schema: string): Promise<string> {
  const script = async (engine: schemaEngine.SchemaEngine) => {
    const { stdout } = await engine.diff({
      from: { tag: 'empty' },
      to: { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content: schema }] },
      script: true,
      exitCode: null,
      filters: noFilter,
    });
    return stdout ?? '';
  };
  return withEngine(url, script, { schema });
}

interface EngineOptions {
  readonly schema?: string;
  /** What is sent to PostgreSQL for a script of the engine. Default: the script as it is. */
  readonly complete?: (script: string) => string;
}

async function withEngine<T>(
  url: string,
  work: (engine: schemaEngine.SchemaEngine) => Promise<T>,
  { schema, complete = (script) => script }: EngineOptions,
): Promise<T> {
  const { SchemaEngine } = await loadEngine();
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  const adapter = bindMigrationAwareSqlAdapterFactory(wholeScripts(url, pool, complete));
  const datamodels: [string, string][] | undefined =
    schema === undefined ? undefined : [['schema.prisma', schema]];
  const engine = await SchemaEngine.new({ datamodels }, () => undefined, adapter);
  try {
    return await work(engine);
  } finally {
    engine.free();
    await pool.end();
  }
}

/**
 * An adapter that hands scripts to PostgreSQL as they are. Prisma's own cuts them at every semicolon, in comments and
 * function bodies too; sent whole, a script is also one transaction, of which a failure leaves nothing.
 */
function wholeScripts(url: string, pool: pg.Pool, complete: (script: string) => string): PrismaPg {
  const factory = new PrismaPg(pool);
  const connect = factory.connect.bind(factory);
  factory.connect = async () => {
    const connection = await connect();
    connection.executeScript = async (script) => {
      await withClient(url, (client) => client.query(complete(script)));
    };
    return connection;
  };
  return factory;
}

/**
 * The engine of this process. Services that share one each have this file in a bundle of their own, but the bindings
 * exist once and serve one instance: so the instance is kept where all bundles find it.
 */
const engineKey = Symbol.for('lyceum.schema-engine');
const shared = globalThis as unknown as Record<symbol, Promise<SchemaEngineModule> | undefined>;

/** Loaded only where there is something to apply: the engine takes tens of megabytes that a settled system saves. */
function loadEngine(): Promise<SchemaEngineModule> {
  shared[engineKey] ??= instantiate();
  return shared[engineKey];
}

async function instantiate(): Promise<SchemaEngineModule> {
  // The package's own entry imports a .wasm file as a module, which Node 20 does only behind a flag.
  const bindings: unknown = await import('@prisma/schema-engine-wasm/schema_engine_bg');
  const entry = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm');
  const bytes = await readFile(entry.replace(/schema_engine\.js$/, 'schema_engine_bg.wasm'));
  const { instance } = await webAssembly.instantiate(bytes, { './schema_engine_bg.js': bindings });
  (bindings as WasmBindings).__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  return bindings as SchemaEngineModule;
}
