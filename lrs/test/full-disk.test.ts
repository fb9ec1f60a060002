import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@lyceum/testing';
import { startProcess, type ServiceProcess } from './kit/child.ts';
import { knows, prepareGround, type Ground } from './kit/lrs.ts';
import { attachmentOf, attachmentPart, jsonPart, multipart, multipartType } from './kit/multipart.ts';
import { mountSmallDisk, type SmallDisk } from './kit/small-disk.ts';
import { statement, statements } from './kit/statements.ts';
import { xapiClient, type XapiClient } from './kit/xapi-client.ts';

// Skipped, by name, where no file system can be mounted.

const disk = mountSmallDisk(192 * 2 ** 20);
const onSmallDisk = disk ? describe : describe.skip;

onSmallDisk('on a disk of its own (skipped where none can be mounted)', () => {
  let ground: Ground;
  let ingest: ServiceProcess;
  let receive: ServiceProcess;
  let client: XapiClient;
  let made = 0;
  const { directory, fill, empty } = disk ?? ({} as SmallDisk);

  beforeEach(async () => {
    made += 1;
    const own = join(directory, String(made));
    mkdirSync(own);
    ground = await prepareGround({ LYCEUM_DATA_DIR: own });
    await ground.createKey({ name: 'tool', organisationId: 'org_a' });
    ingest = await startProcess('lrs/src/ingest/main.ts', ground.env);
    receive = await startProcess('lrs/src/receive/main.ts', ground.env);
    client = xapiClient(receive.url, 'tool');
    await knows(client);
  }, 60_000);

  afterEach(async () => {
    empty();
    await receive.stop();
    await ingest.stop();
    await ground.close();
  });

  afterAll(() => {
    disk?.unmount();
  });

  test('the log: 507 and nothing of it, as often as it is tried; with room again it goes on', async () => {
    fill(400_000);
    const accepted: string[] = [];
    const refused: string[] = [];
    for (let batch = 0; batch < 12; batch += 1) {
      const sent = statements(4, { result: { response: 'x'.repeat(50_000) } });
      const { status, headers, body } = await client.post(sent);
      const ids = sent.map(({ id }) => String(id));
      if (status === 200) accepted.push(...ids);
      else {
        expect([status, headers.get('retry-after'), body.error.code]).toEqual([507, '30', 'STORAGE_FULL']);
        refused.push(...ids);
      }
    }
    expect(refused.length).toBeGreaterThan(0);
    for (const id of refused.slice(0, 4))
      expect((await client.get(`?statementId=${id}`)).status).not.toBe(200);

    empty();
    await eventually(async () => {
      const sent = statement();
      expect((await client.post(sent)).status).toBe(200);
      accepted.push(String(sent['id']));
    });
    await eventually(
      async () => {
        expect(await ground.count(`id IN ('${accepted.join("','")}')`)).toBe(accepted.length);
      },
      { timeoutMs: 30_000 },
    );
    expect(await ground.count(`id IN ('${refused.join("','")}')`)).toBe(0);
    // What was refused was never there: another statement may have its id.
    expect((await client.post({ ...statement(), id: refused[0] })).status).toBe(200);
  }, 90_000);

  test('attachments: 507, no file is left of them, and the statement is not there', async () => {
    const large = 'y'.repeat(2_000_000);
    const small = 'z'.repeat(1_000);
    const send = (attachment: string) => {
      const sent = statement({ attachments: [attachmentOf(attachment)] });
      const body = multipart([jsonPart(sent), attachmentPart(attachment)]);
      return client
        .send('POST', '/xapi/statements', { body, headers: { 'content-type': multipartType } })
        .then((answer) => ({ ...answer, id: String(sent['id']) }));
    };
    fill(1_000_000);
    const refused = await send(large);
    expect([refused.status, refused.body.error.code]).toEqual([507, 'STORAGE_FULL']);
    const incoming = join(ground.env['LYCEUM_DATA_DIR'] ?? '', 'attachments/incoming');
    await eventually(() => {
      expect(readdirSync(incoming)).toEqual([]);
    });
    // Who needs less is served.
    expect((await send(small)).status).toBe(200);

    empty();
    expect((await send(large)).status).toBe(200);
    expect((await client.get(`?statementId=${refused.id}`)).status).toBe(404);
  }, 90_000);
});
