import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createClickHouseClient, ensureDatabase, migrate, type ClickHouseClient } from '@lyceum/clickhouse';
import { workspaceFile } from '@lyceum/service';
import { temporaryDirectory } from '@lyceum/testing';
import { createOwnStatementWriter, statementColumns, type Statement } from '@lyceum/xapi';
import { publicUrl } from './learning.ts';

/** The embedded ClickHouse in a process of its own, with the table of the Learning Record Store. */
export interface StatementsTable {
  readonly url: string;
  readonly client: ClickHouseClient;
  /** Writes as lrs/ingest does: the lines of the log as they are. */
  insert(organisationId: string, statements: readonly Statement[]): Promise<void>;
  stop(): Promise<void>;
}

const writer = createOwnStatementWriter({ publicUrl });

export async function startStatementsTable(): Promise<StatementsTable> {
  const child = fork(workspaceFile('packages/engines', 'src/clickhouse/main.ts'), [], {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, LYCEUM_DATA_DIR: temporaryDirectory(), PORT: '0', LOG_LEVEL: 'warn' },
  });
  const exited = once(child, 'exit');
  const [message] = (await Promise.race([once(child, 'message'), exited])) as [{ url?: string } | number];
  if (typeof message === 'number') throw new Error(`ClickHouse ended with ${message}`);
  const url = message.url ?? '';
  await ensureDatabase(url);
  const client = createClickHouseClient({ url, application: 'test' });
  await migrate(client, { directory: workspaceFile('lrs', 'clickhouse/migrations'), table: 'migration' });
  return {
    url,
    client,
    async insert(organisationId, statements) {
      const { value } = writer.record(organisationId, statements);
      const rows = value
        .trimEnd()
        .split('\n')
        .map((line) => `${organisationId}\t${line}\n`)
        .join('');
      await client.command({
        query: `INSERT INTO statements (organisation, ${statementColumns.join(', ')}) FORMAT TabSeparated\n${rows}`,
      });
    },
    async stop() {
      await client.close();
      child.kill('SIGTERM');
      await exited;
    },
  };
}
