import path from 'node:path';
import { createLogger, isMain, runService, type Service } from '@lyceum/service';
import { readEnvironment } from './env.ts';
import { createClickHouseServer } from './server.ts';

/** The process that hosts the embedded ClickHouse. Start it with `clickHouseProcessEnvironment`. */
export const service: Service = {
  name: 'clickhouse',
  start: async () => {
    const { host, port, logLevel, dataDirectory, user, password, threads } = readEnvironment();
    return createClickHouseServer({
      directory: path.join(dataDirectory, 'clickhouse'),
      host,
      port,
      logger: createLogger({ service: 'clickhouse', level: logLevel }),
      credentials: { user, password },
      threads,
    });
  },
};

if (isMain(import.meta)) await runService(service);
