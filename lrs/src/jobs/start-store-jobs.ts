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
import { startJobWorker } from './job-worker.ts';
import { consumeStoreJobs } from './on-store-job-requested.ts';

const upkeepEveryMs = 60_000;

/** Takes in what records asks for, and does what needs ClickHouse alone: exports. */
export async function startStoreJobs(o: {
  log: EventLog;
  logger: Logger;
  store: Database;
  clickHouse: ClickHouseClient;
  attachments: AttachmentStore;
  untilIngested: (signal: AbortSignal) => Promise<void>;
  /** LYCEUM_DATA_DIR */
  directory: string;
  s3Url: string | undefined;
}): Promise<{ stop(): Promise<void> }> {
  const { log, logger, store, clickHouse, untilIngested } = o;
  const files = await openJobFiles(o.directory, o.s3Url);
  const attachments = createExportedAttachments({ database: store, store: o.attachments });
  const statements = createExportedStatements(clickHouse);
  const works = {
    EXPORT: createExportWork({ store, files, statements, attachments, untilIngested }),
  };
  const worker = startJobWorker({ store, works, logger });
  const consumer = await consumeStoreJobs({ log, logger, store, onRequested: worker.wake });
  const upkeep = createJobUpkeep({ store, files });
  const repeating = startRepeating(
    [{ name: 'upkeep of jobs on the store', everyMs: upkeepEveryMs, run: () => upkeep.run() }],
    logger,
  );
  return {
    async stop() {
      await consumer.stop();
      await worker.stop();
      await repeating.stop();
      files.close();
    },
  };
}
