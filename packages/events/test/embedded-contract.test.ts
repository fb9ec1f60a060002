import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { createEmbeddedLog } from '../src/embedded/embedded-log.ts';
import { createLogMetrics } from '../src/log-metrics.ts';
import { eventLogContract } from './contract.ts';

const logger = pino({ level: process.env['LOG_LEVEL'] ?? 'silent' });

eventLogContract('lmdb', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'lyceum-log-'));
  return {
    connection: { directory },
    open: async (settings = {}) =>
      createEmbeddedLog({
        directory,
        logger,
        metrics: createLogMetrics(undefined),
        settings,
        trimEveryMs: 100,
      }),
    dispose: () => rm(directory, { recursive: true, force: true }),
  };
});
