import { startPostgres, watchPostgres } from '@lyceum/engines';
import { commonEnvironment, createLogger, parseEnvironment, runService } from '@lyceum/service';
import { z } from 'zod';
import { dataPaths } from '../data/paths.ts';

const watchEveryMs = 10_000;

/** A recovery of what a laptop's configuration lets gather takes seconds. */
const silentMs = 120_000;

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
    const watch = watchPostgres({
      url: postgres.url,
      everyMs: watchEveryMs,
      silentMs,
      onSilent() {
        logger.error({ seconds: silentMs / 1000 }, 'PostgreSQL runs and does not answer: it is killed');
        process.kill(postgres.pid, 'SIGKILL');
      },
    });
    void postgres.exited.then(({ code, signal }) => {
      if (stopping) return;
      logger.error({ code, signal }, 'PostgreSQL ended unasked');
      process.exit(1);
    });
    return {
      stop: () => {
        stopping = true;
        watch.stop();
        return postgres.stop();
      },
    };
  },
});
