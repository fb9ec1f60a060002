import { expect, test } from '@jest/globals';
import { startClickHouse, startLrs } from './kit/lrs.ts';
import { createAsker } from './kit/personal-data.ts';
import { statement } from './kit/statements.ts';

const ada = { objectType: 'Agent', mbox: 'mailto:ada@example.org', name: 'Ada' };

test('somebody who was erased: their id stays taken, the same again is known, and none of it brings them back', async () => {
  const lrs = await startLrs();
  const client = await lrs.client('org_a');
  const sent = statement({ actor: ada, result: { response: 'mine', success: true } });
  await client.post(sent);
  const asker = await createAsker(lrs.log);
  await asker.answer(await asker.ask({ kind: 'ERASURE' }));
  const again = await client.post(sent);
  expect([again.status, again.body]).toEqual([200, [sent['id']]]);
  expect((await client.post({ ...sent, result: { success: false } })).status).toBe(409);
  await lrs.ingested();
  const { status, text } = await client.get(`?statementId=${String(sent['id'])}`);
  expect(status).toBe(200);
  expect(text).not.toMatch(/ada@example|"Ada"|mine/);
  expect(await lrs.count(`id = '${String(sent['id'])}'`)).toBe(1);

  // The log still has it as it came.
  await (await startClickHouse()).kill();
  const fromLog = await client.get(`?statementId=${String(sent['id'])}`);
  expect([fromLog.status, fromLog.headers.get('x-experience-api-consistent-through')]).toEqual([
    200,
    expect.stringMatching(/^(1970|20)/),
  ]);
  expect(fromLog.text).not.toMatch(/ada@example|"Ada"|mine/);
  expect(JSON.parse(fromLog.text)).toMatchObject({ actor: { account: { name: 'user_ada' } } });
  expect((await client.post(sent)).status).toBe(200);
  expect((await client.post({ ...sent, result: { success: false } })).status).toBe(409);
  const later = statement();
  expect((await client.post(later)).status).toBe(200);
  expect((await client.get(`?statementId=${String(later['id'])}`)).status).toBe(200);
  asker.stop();
  await lrs.stop();
}, 120_000);
