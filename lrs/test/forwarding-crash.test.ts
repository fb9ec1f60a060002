import { expect, test } from '@jest/globals';
import { eventually } from '@lyceum/testing';
import { startProcess } from './kit/child.ts';
import { createForwarder, startOddStore } from './kit/forwarding.ts';
import { knows, prepareGround } from './kit/lrs.ts';
import { statements } from './kit/statements.ts';
import { xapiClient } from './kit/xapi-client.ts';

const receiveMain = 'lrs/src/receive/main.ts';
const ingestMain = 'lrs/src/ingest/main.ts';

test('kill -9 in the middle: another goes on, nothing is lost, and what is sent twice is the same', async () => {
  const ground = await prepareGround({ STORE_FORWARDING_ALLOW_PRIVATE: '1' });
  await ground.createKey({ name: 'tool', organisationId: 'org_a' });
  const odd = await startOddStore();
  const forwarder = await createForwarder(ground.log);
  const receive = await startProcess(receiveMain, ground.env);
  const first = await startProcess(ingestMain, ground.env);
  const client = xapiClient(receive.url, 'tool');
  await knows(client);
  const sent = statements(2_000);
  for (let start = 0; start < sent.length; start += 200) await client.post(sent.slice(start, start + 200));
  const ids = sent.map(({ id }) => String(id));
  await eventually(async () => {
    expect(await ground.count()).toBe(ids.length);
  });
  // The fourth request is taken, and never answered: the process dies meanwhile.
  let requests = 0;
  odd.behave((those) => {
    requests += 1;
    if (requests !== 4) return undefined;
    odd.taken.push(...those);
    return 'nothing';
  });
  const id = await forwarder.forward({ endpoint: odd.endpoint });
  await eventually(
    () => {
      expect(requests).toBe(4);
    },
    { timeoutMs: 60_000 },
  );
  // A second instance, which has to leave it alone until then.
  const second = await startProcess(ingestMain, ground.env);
  expect(requests).toBe(4);
  await first.kill();
  const last = await forwarder.until(id, (progress) => progress.sent === ids.length, 90_000);
  expect(last).toMatchObject({ refused: 0 });
  expect(new Set(odd.taken)).toEqual(new Set(ids));
  expect(odd.taken).toHaveLength(ids.length + 200);
  const texts = new Set(
    odd.requests.flatMap(({ text }) => (JSON.parse(text) as unknown[]).map((each) => JSON.stringify(each))),
  );
  expect(texts.size).toBe(ids.length);
  await Promise.all([receive.stop(), second.stop()]);
  forwarder.stop();
  await odd.stop();
  await ground.close();
}, 400_000);
