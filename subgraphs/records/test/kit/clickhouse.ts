import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createClickHouseClient, ensureDatabase, migrate, type ClickHouseClient } from '@lyceum/clickhouse';
import { clickHouseProcessEnvironment } from '@lyceum/engines';
import { workspaceFile } from '@lyceum/service';
import { temporaryDirectory } from '@lyceum/testing';
import {
  createStamper,
  createStoredClock,
  encodeStatementBatch,
  statementColumns,
  type Statement,
  type StatementRecord,
} from '@lyceum/xapi';

export const publicUrl = 'http://localhost:4000';

/** An embedded ClickHouse with the tables of the Learning Record Store. */
export interface RunningClickHouse {
  readonly url: string;
  readonly client: ClickHouseClient;
  /** Writes the statements of a record of the log as ingest does. */
  ingest(record: StatementRecord): Promise<void>;
  stop(): Promise<void>;
}

export async function startClickHouse(): Promise<RunningClickHouse> {
  const child = fork(join(import.meta.dirname, 'clickhouse-host.ts'), [temporaryDirectory()], {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, ...clickHouseProcessEnvironment },
  });
  const exited = once(child, 'exit');
  const [url] = (await Promise.race([once(child, 'message'), exited])) as [string | number | null];
  if (typeof url !== 'string') throw new Error(`ClickHouse ended with ${String(url)}`);
  await ensureDatabase(url);
  const client = createClickHouseClient({ url, application: 'test' });
  await migrate(client, { directory: workspaceFile('lrs', 'clickhouse/migrations'), table: 'migration' });
  let offset = 0;
  return {
    url,
    client,
    async ingest({ key, value }) {
      offset += 1;
      const rows = value.toString().replace(/^(?=.)/gm, `${key}\t${offset}\t`);
      await client.insert({
        table: 'statements',
        columns: ['organisation', 'log_offset', ...statementColumns],
        values: Readable.from([Buffer.from(rows)], { objectMode: false }),
        format: 'TabSeparated',
        clickhouse_settings: { async_insert: 0 },
      });
    },
    async stop() {
      await client.close();
      child.disconnect();
      await exited;
    },
  };
}

const stamp = createStamper({
  authority: { objectType: 'Agent', account: { homePage: publicUrl, name: 'test' } },
  version: '1.0.3',
});

/** A record of the log with these statements, as the receiving end of the LRS writes it; stored now, unless told. */
export function recordOf(
  organisationId: string,
  statements: readonly Statement[],
  stored?: Date,
  textOf: (statement: Statement) => string = JSON.stringify,
): StatementRecord {
  const clock = stored === undefined ? runningClock : createStoredClock(() => stored.getTime());
  const stamped = statements.map((each) => stamp(each, textOf(each), clock.next()));
  const record = encodeStatementBatch({ organisationId, publicUrl, statements: stamped });
  // Whose key has the scope `all`.
  return { ...record, headers: { ...record.headers, voids: 'any', defines: '1' } };
}

const runningClock = createStoredClock();
