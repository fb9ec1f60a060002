import { commonEnvironment, parseEnvironment, port } from '@lyceum/service';
import { z } from 'zod';

/** The environment of the embedded ClickHouse's process. */
export interface ClickHouseEnvironment {
  host: string;
  port: number;
  logLevel: string;
  dataDirectory: string;
  user: string;
  password: string;
  threads: number;
}

/** @throws EnvironmentError that names every faulty variable */
export function readEnvironment(source?: NodeJS.ProcessEnv): ClickHouseEnvironment {
  const { HOST, LOG_LEVEL, LYCEUM_DATA_DIR } = commonEnvironment;
  const env = parseEnvironment(
    {
      HOST,
      LOG_LEVEL,
      LYCEUM_DATA_DIR,
      PORT: port(4123),
      CLICKHOUSE_USER: z.string().default('default'),
      CLICKHOUSE_PASSWORD: z.string().default(''),
      // Read by libuv itself when Node starts; 4 is its default.
      UV_THREADPOOL_SIZE: z.coerce.number().int().min(4).max(1024).default(4),
    },
    source,
  );
  return {
    host: env.HOST,
    port: env.PORT,
    logLevel: env.LOG_LEVEL,
    dataDirectory: env.LYCEUM_DATA_DIR,
    user: env.CLICKHOUSE_USER,
    password: env.CLICKHOUSE_PASSWORD,
    threads: env.UV_THREADPOOL_SIZE,
  };
}
