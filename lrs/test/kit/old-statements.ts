import { openDatabase } from '@lyceum/postgres';
import { workspaceFile } from '@lyceum/service';
import { agentOf, createStamper, encodeStatementBatch, type Statement } from '@lyceum/xapi';
import { prepareClickHouse } from '../../src/ingest/prepare-clickhouse.ts';
import { PrismaClient } from '../../src/store/generated/client.ts';
import { createStore } from '../../src/store/store.ts';
import { publicUrl, type Ground } from './lrs.ts';

/** Statements on the log as if they had been stored at an instant (with microseconds), one after another; their record has no claim. */
export async function appendStored(
  ground: Pick<Ground, 'log'>,
  organisationId: string,
  batch: readonly (readonly [statement: Record<string, unknown>, stored: string])[],
): Promise<void> {
  const stamp = createStamper({ authority: agentOf(publicUrl, 'lyceum'), version: '1.0.0' });
  const statements = batch.map(([statement, stored]) => {
    const text = JSON.stringify(statement);
    return stamp(JSON.parse(text) as Statement, text, stored);
  });
  const record = encodeStatementBatch({ organisationId, publicUrl, statements });
  await ground.log.append([{ ...record, headers: { ...record.headers, defines: '1' } }]);
}

/** The tables of ClickHouse, before anything runs: what is put there then was there before ids were taken. */
export async function prepareTables({ env }: Pick<Ground, 'env'>): Promise<void> {
  const { DATABASE_URL: serverUrl = '', CLICKHOUSE_URL: clickHouseUrl = '' } = env;
  const migrations = workspaceFile('lrs', 'prisma/migrations');
  const database = await openDatabase({ serverUrl, service: 'lrs', migrations, poolSize: 2 });
  await prepareClickHouse(clickHouseUrl, createStore(new PrismaClient({ adapter: database.adapter })));
  await database.close();
}
