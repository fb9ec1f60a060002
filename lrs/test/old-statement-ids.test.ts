import { expect, test } from '@jest/globals';
import { eventually } from '@lyceum/testing';
import { createOwnStatementWriter, type Statement } from '@lyceum/xapi';
import { startIngest } from '../src/ingest/main.ts';
import { readEnv as readIngestEnv } from '../src/ingest/env.ts';
import { readEnv } from '../src/receive/env.ts';
import { startReceive } from '../src/receive/main.ts';
import { keepErrors } from './kit/kept-errors.ts';
import { knows, prepareGround, publicUrl } from './kit/lrs.ts';
import { prepareTables } from './kit/old-statements.ts';
import { statement, statements } from './kit/statements.ts';
import { xapiClient } from './kit/xapi-client.ts';

test('statements that ClickHouse had before ids were taken have theirs; so have those of our own services', async () => {
  const ground = await prepareGround();
  const { logger } = keepErrors();
  await prepareTables(ground);
  const old = statements(200);
  await ground.clickHouse.insert({
    table: 'statements',
    values: old.map((each) => ({
      organisation: 'org_a',
      id: each['id'],
      stored: '2026-01-01 00:00:00.000000',
      statement: JSON.stringify(each),
    })),
    format: 'JSONEachRow',
  });
  await ground.createKey({ name: 'tool', organisationId: 'org_a' });
  const ingest = await startIngest(readIngestEnv(ground.env), logger);
  const receive = await startReceive(readEnv(ground.env), logger);
  const client = xapiClient(receive.url ?? '', 'tool');
  await knows(client);
  // Until ClickHouse was looked through, an id seems free, and is taken by that.
  await eventually(async () => {
    expect((await client.post({ ...old.pop(), result: { success: true } })).status).toBe(409);
  });
  expect((await client.post(old)).status).toBe(200);
  expect((await client.post({ ...old[0], result: { success: true } })).status).toBe(409);

  const own = statement();
  const writer = createOwnStatementWriter({ publicUrl });
  await ground.log.append([writer.record('org_a', [own as unknown as Statement])]);
  await ground.ingested();
  expect((await client.post({ ...own, result: { success: true } })).status).toBe(409);
  expect((await client.post(own)).status).toBe(200);
  await ground.ingested();
  expect(await ground.count(`id = '${String(own['id'])}'`)).toBe(1);
  await receive.stop();
  await ingest.stop();
  await ground.close();
}, 90_000);
