import { fork } from 'node:child_process';
import { once } from 'node:events';
import { workspaceFile } from '@lyceum/service';
import { prepareDatabase } from '@lyceum/testing';
import { statementsTopic } from '@lyceum/xapi';
import type { RunningRecords } from './records.ts';

/** The writer into ClickHouse of the Learning Record Store, in a process of its own. */
export interface RunningIngest {
  /** Resolves when ClickHouse has what is on the log, and all that follows from it. */
  ingested(): Promise<void>;
  stop(): Promise<void>;
}

export async function startIngest({ clickHouse, directory, log }: RunningRecords): Promise<RunningIngest> {
  const child = fork(workspaceFile('lrs', 'src/ingest/main.ts'), {
    execArgv: ['--import', 'tsx'],
    env: {
      ...process.env,
      PORT: '0',
      LOG_LEVEL: 'warn',
      LYCEUM_DATA_DIR: directory,
      CLICKHOUSE_URL: clickHouse.url,
      DATABASE_URL: await prepareDatabase('lrs', workspaceFile('lrs', 'prisma/migrations')),
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  await Promise.race([once(child, 'message'), exited]);
  return {
    ingested: () =>
      log.passed({ group: 'lrs-ingest', topic: statementsTopic, signal: AbortSignal.timeout(60_000) }),
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
