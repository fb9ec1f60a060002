import type { ClickHouseClient } from '@lyceum/clickhouse';
import type { EventLog } from '@lyceum/events';
import { startRepeating, type Logger } from '@lyceum/service';
import type { AttachmentStore } from '../attachments/attachment-store.ts';
import type { Database } from '../store/store.ts';
import { createExportWork } from './export-statements.ts';
import { createExportedAttachments } from './exported-attachments.ts';
import { createExportedStatements } from './exported-statements.ts';
import { openJobFiles } from './job-files.ts';
import { createJobUpkeep } from './job-upkeep.ts';
import { startJobWorker, type StoreJobWork } from './job-worker.ts';
import { consumeStoreJobs } from './on-store-job-requested.ts';

const upkeepEveryMs = 60_000;

/**
 * Takes in what records asks for, and does what needs ClickHouse alone: exports, and retentions, which may wait for an erasure
 * and keep no export waiting meanwhile.
 */
export async function startStoreJobs(o: {
  log: EventLog;
  logger: Logger;
  store: Database;
  clickHouse: ClickHouseClient;
  attachments: AttachmentStore;
  retention: StoreJobWork;
  untilIngested: (signal: AbortSignal) => Promise<void>;
  /** LYCEUM_DATA_DIR */
  directory: string;
  s3Url: string | undefined;
}): Promise<{ stop(): Promise<void> }> {
  const { log, logger, store, clickHouse, untilIngested } = o;
  const files = await openJobFiles(o.directory, o.s3Url);
  const attachments = createExportedAttachments({ database: store, store: o.attachments });
  const statements = createExportedStatements(clickHouse);
  const exports = createExportWork({ store, files, statements, attachments, untilIngested });
  const workers = [{ EXPORT: exports }, { RETENTION: o.retention }].map((works) =>
    startJobWorker({ store, works, logger }),
  );
  const onRequested = () => {
    for (const { wake } of workers) wake();
  };
  const consumer = await consumeStoreJobs({ log, logger, store, onRequested });
  const upkeep = createJobUpkeep({ store, files });
  const repeating = startRepeating(
    [{ name: 'upkeep of jobs on the store', everyMs: upkeepEveryMs, run: () => upkeep.run() }],
    logger,
  );
  return {
    async stop() {
      await consumer.stop();
      await Promise.all(workers.map((worker) => worker.stop()));
      await repeating.stop();
      files.close();
    },
  };
}
