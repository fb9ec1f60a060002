import { createClickHouseServer } from '@lyceum/engines';
import { createLogger } from '@lyceum/service';

/** The embedded ClickHouse in a process of its own; tells its parent where it listens, and ends with it. */
const server = await createClickHouseServer({
  directory: process.argv[2] ?? '',
  host: '127.0.0.1',
  port: 0,
  logger: createLogger({ service: 'clickhouse', level: 'warn' }),
  threads: Number(process.env['UV_THREADPOOL_SIZE'] ?? 4),
});
process.send?.(server.url);
process.on('disconnect', () => {
  void server.stop().then(() => process.exit(0));
});
