import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import pg from 'pg';
import type * as schemaEngine from '@prisma/schema-engine-wasm';
import type { Migration } from '../src/migration.ts';

type SchemaEngineModule = typeof schemaEngine;

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

/** What Prisma says of a database beside the migrations that it is to have. */
export function diagnose(
  url: string,
  migrations: readonly Migration[],
): Promise<schemaEngine.DiagnoseMigrationHistoryOutput> {
  return withEngine(url, undefined, (engine) =>
    engine.diagnoseMigrationHistory({
      migrationsList: {
        baseDir: '/migrations',
        lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
        shadowDbInitScript: '',
        migrationDirectories: migrations.map(({ name, sql }) => ({
          path: name,
          migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: sql } },
        })),
      },
      optInToShadowDatabase: false,
      filters: noFilter,
    }),
  );
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
  return withEngine(url, schema, script);
}

async function withEngine<T>(
  url: string,
  schema: string | undefined,
  work: (engine: schemaEngine.SchemaEngine) => Promise<T>,
): Promise<T> {
  const { SchemaEngine } = await loadEngine();
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg(pool));
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

let loaded: Promise<SchemaEngineModule> | undefined;

/** Its bindings serve one instance. */
function loadEngine(): Promise<SchemaEngineModule> {
  return (loaded ??= instantiate());
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
