import { startPostgres } from '@lyceum/engines';
import { commonEnvironment, createLogger, parseEnvironment, runService } from '@lyceum/service';
import { z } from 'zod';
import { dataPaths } from '../data/paths.ts';

/** The embedded PostgreSQL, in a process that sees to it: stopped when the supervisor stops or dies. */
await runService({
  name: 'postgres',
  async start() {
    const env = parseEnvironment({ ...commonEnvironment, PORT: z.coerce.number().int() });
    const logger = createLogger({ service: 'postgres', level: env.LOG_LEVEL });
    const directory = dataPaths(env.LYCEUM_DATA_DIR).postgres;
    const postgres = await startPostgres({
      directory,
      port: env.PORT,
      portVariable: 'POSTGRES_PORT',
      logger,
    });
    let stopping = false;
    void postgres.exited.then(({ code, signal }) => {
      if (stopping) return;
      logger.error({ code, signal }, 'PostgreSQL ended unasked');
      process.exit(1);
    });
    return {
      stop: () => {
        stopping = true;
        return postgres.stop();
      },
    };
  },
});
