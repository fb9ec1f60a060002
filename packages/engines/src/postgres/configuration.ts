/** PostgreSQL settings (postgresql.conf names and values), given on the command line of each start. */
export type PostgresConfiguration = Readonly<Record<string, string | number>>;

/**
 * For a laptop: little memory, few processes, every acknowledged commit on the disk.
 * Sources: PostgreSQL 18, chapters 19 (server configuration) and 28 (reliability).
 */
export const laptopConfiguration: PostgresConfiguration = {
  // Durability stays as PostgreSQL ships it; named here because nobody may trade it for speed.
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',

  shared_buffers: '64MB',
  max_connections: 100,
  work_mem: '4MB',
  maintenance_work_mem: '32MB',
  // Ten or so small databases: two vacuum workers are plenty, and parallel query workers are processes.
  autovacuum_max_workers: 2,
  max_worker_processes: 4,
  max_parallel_workers: 2,
  // Reading in the backend itself saves the three I/O worker processes of version 18's default.
  io_method: 'sync',
  jit: 'off',

  // One server, no replica: the small WAL, kept small.
  wal_level: 'minimal',
  max_wal_senders: 0,
  max_logical_replication_workers: 0,
  max_wal_size: '256MB',
  min_wal_size: '32MB',
  log_checkpoints: 'off',

  // English, so that severities can be read from the log.
  lc_messages: 'C',
  log_line_prefix: '',
  // What a client did wrong is told to the client; services log it with their request.
  log_min_messages: 'warning',
  log_min_error_statement: 'panic',
};

/** `configuration` as arguments of `postgres`. */
export function configurationArguments(configuration: PostgresConfiguration): string[] {
  return Object.entries(configuration).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
