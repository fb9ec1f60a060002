import { availableParallelism } from 'node:os';

const MEGABYTE = 1024 * 1024;

/** The setting max_query_size as a server has it unless told otherwise: the longest statement, in bytes. */
export const DEFAULT_MAX_QUERY_SIZE = 262_144;

/**
 * The longest statement whatever max_query_size says. A server has no such bound; here the text is held in memory by
 * this process too, a few times over.
 */
export const MAX_QUERY_SIZE = 16 * MEGABYTE;

/** Server settings, fixed when the engine opens. Source: ClickHouse, src/Core/ServerSettings.cpp. */
export const serverSettings: Readonly<Record<string, number>> = {
  max_server_memory_usage: 1500 * MEGABYTE,
  mark_cache_size: 32 * MEGABYTE,
  uncompressed_cache_size: 0,
  index_mark_cache_size: 8 * MEGABYTE,
  index_uncompressed_cache_size: 0,
  primary_index_cache_size: 16 * MEGABYTE,
  query_condition_cache_size: 8 * MEGABYTE,
  mmap_cache_size: 0,
  compiled_expression_cache_size: 16 * MEGABYTE,
  // Threads that wait for work keep their stacks and their part of the allocator's cache.
  max_thread_pool_free_size: 8,
  max_io_thread_pool_free_size: 0,
  max_format_parsing_thread_pool_free_size: 0,
  background_fetches_pool_size: 1,
  background_move_pool_size: 1,
  background_common_pool_size: 1,
};

/**
 * Settings of every query, unless the request sets them otherwise.
 * The first group makes the engine answer as a server does where clickhouse-local's defaults differ.
 */
export const querySettings: Readonly<Record<string, string>> = {
  implicit_select: '0',
  allow_introspection_functions: '0',
  storage_file_read_method: 'pread',

  // What this process itself puts before and into a statement is not the client's: see http/query-size.ts.
  max_query_size: String(MAX_QUERY_SIZE + MEGABYTE),

  // An insert is acknowledged when its part is on the disk, under its own deduplication token.
  async_insert: '0',
  max_threads: String(Math.min(4, availableParallelism())),
  max_insert_threads: '1',
  max_memory_usage: String(1000 * MEGABYTE),
  max_bytes_before_external_group_by: String(300 * MEGABYTE),
  max_bytes_before_external_sort: String(300 * MEGABYTE),
  // Formatting and parsing on several threads costs more CPU than it saves time on two cores.
  output_format_parallel_formatting: '0',
  input_format_parallel_parsing: '0',
};

/** Settings in the form that the engine's command line takes. */
export function commandLine(settings: Readonly<Record<string, string | number>>): string[] {
  return Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
}
