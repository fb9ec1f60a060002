import { createClickHouseServer } from '@lyceum/engines';
import { commonEnvironment, createLogger, parseEnvironment, runService } from '@lyceum/service';
import { z } from 'zod';
import { dataPaths } from '../data/paths.ts';

/** The embedded ClickHouse, in a process of its own: one process owns its data, and a fault in it takes down no other. */
await runService({
  name: 'clickhouse',
  start() {
    const env = parseEnvironment({
      ...commonEnvironment,
      PORT: z.coerce.number().int(),
      CLICKHOUSE_USER: z.string().default('default'),
      CLICKHOUSE_PASSWORD: z.string().default(''),
      UV_THREADPOOL_SIZE: z.coerce.number().int().min(4).default(4),
    });
    return createClickHouseServer({
      directory: dataPaths(env.LYCEUM_DATA_DIR).clickhouse,
      // The loopback whatever HOST is: it is installed without a password, and only this machine is to reach it.
      host: '127.0.0.1',
      port: env.PORT,
      logger: createLogger({ service: 'clickhouse', level: env.LOG_LEVEL }),
      credentials: { user: env.CLICKHOUSE_USER, password: env.CLICKHOUSE_PASSWORD },
      threads: env.UV_THREADPOOL_SIZE,
      portVariable: 'CLICKHOUSE_PORT',
    });
  },
});
