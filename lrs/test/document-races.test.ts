import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createLogger, type RunningService } from '@lyceum/service';
import { createInTurn } from '../src/receive/in-turn.ts';
import { readEnv } from '../src/receive/env.ts';
import { startReceive } from '../src/receive/main.ts';
import { startProcess } from './kit/child.ts';
import { addressOf, remote, resources } from './kit/documents.ts';
import { startLrs, type Lrs } from './kit/lrs.ts';
import { xapiClient, type XapiClient } from './kit/xapi-client.ts';

let lrs: Lrs;
let second: RunningService;
let clients: XapiClient[];

beforeAll(async () => {
  lrs = await startLrs();
  second = await startReceive(readEnv(lrs.env), createLogger({ service: 'test', level: 'silent' }));
  clients = [await lrs.client('org_a'), xapiClient(second.url ?? '', 'key1')];
}, 60_000);

afterAll(async () => {
  await second.stop();
  await lrs.stop();
});

const [, [, path, parameters]] = resources;
const documentBy = (index: number, profileId: string) =>
  remote(clients[index % 2]!, path, { ...parameters, profileId });

test('of writers with the same ETag at two receivers exactly one wins', async () => {
  await documentBy(0, 'same').post('{"round":0}');
  for (let round = 1; round <= 15; round += 1) {
    const etag = (await documentBy(round, 'same').get()).headers.get('etag') ?? '';
    const writing = Array.from({ length: 8 }, async (_, writer) => {
      const text = JSON.stringify({ round, writer });
      const { status } = await documentBy(writer, 'same').put(text, { 'if-match': etag });
      return { status, text };
    });
    const answers = await Promise.all(writing);
    const won = answers.filter(({ status }) => status === 204);
    expect(answers.filter(({ status }) => status === 412)).toHaveLength(7);
    expect((await documentBy(0, 'same').get()).text).toBe(won[0]?.text);
  }
}, 60_000);

test('of merges at two receivers none is lost, beside who deletes and makes it again', async () => {
  const merging = Array.from({ length: 60 }, (_, index) =>
    documentBy(index, 'merged').post(`{"k${String(index)}":1}`),
  );
  expect((await Promise.all(merging)).map(({ status }) => status)).toEqual(merging.map(() => 204));
  expect(Object.keys(JSON.parse((await documentBy(0, 'merged').get()).text) as object)).toHaveLength(60);

  const mixed = Array.from({ length: 40 }, (_, index) =>
    index % 4 === 0 ? documentBy(index / 4, 'mixed').delete() : documentBy(index, 'mixed').post('{"a":1}'),
  );
  expect(new Set((await Promise.all(mixed)).map(({ status }) => status))).toEqual(new Set([204]));
}, 60_000);

test('a document is its last acknowledged version after kill -9 of the receiver that writes it', async () => {
  const receiver = await startProcess('lrs/src/receive/main.ts', lrs.env);
  const client = xapiClient(receiver.url, 'key1');
  const address = addressOf(path, { ...parameters, profileId: 'killed' });
  let acknowledged = -1;
  let tried = -1;
  const writing = (async () => {
    for (;;) {
      tried += 1;
      const { status } = await client.send('POST', address, { body: JSON.stringify({ n: tried }) });
      if (status === 204) acknowledged = tried;
      if (acknowledged === 30) void receiver.kill();
    }
  })();
  await expect(writing).rejects.toThrow();
  const { n } = JSON.parse((await documentBy(0, 'killed').get()).text) as { n: number };
  expect(acknowledged).toBeGreaterThanOrEqual(30);
  expect([acknowledged, tried]).toContain(n);
}, 60_000);

test('what is about one thing runs one after the other, though one of it fails; about others it does not wait', async () => {
  const inTurn = createInTurn();
  const order: string[] = [];
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const first = inTurn('a', async () => {
    await gate;
    order.push('first');
    throw new Error('fails');
  });
  const next = inTurn('a', async () => {
    order.push('next');
  });
  await inTurn('b', async () => {
    order.push('other');
  });
  open();
  await expect(first).rejects.toThrow('fails');
  await next;
  expect(order).toEqual(['other', 'first', 'next']);
});
