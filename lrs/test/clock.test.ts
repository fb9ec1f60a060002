import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { eventually } from '@lyceum/testing';
import { startProcess, type ServiceProcess } from './kit/child.ts';
import { createSettableClock, type SettableClock } from './kit/clock.ts';
import { knows, prepareGround, type Ground } from './kit/lrs.ts';
import { page, type Page } from './kit/reading.ts';
import { statement } from './kit/statements.ts';
import { xapiClient, type XapiClient } from './kit/xapi-client.ts';

const hourMs = 60 * 60_000;

let ground: Ground;
let clock: SettableClock;
let ingest: ServiceProcess;
let receive: ServiceProcess;
let client: XapiClient;

const startReceiving = async () => {
  receive = await startProcess('lrs/src/receive/main.ts', { ...ground.env, ...clock.env });
  client = xapiClient(receive.url, 'tool');
  await knows(client);
};

beforeEach(async () => {
  ground = await prepareGround();
  clock = createSettableClock();
  await ground.createKey({ name: 'tool', organisationId: 'org_a' });
  ingest = await startProcess('lrs/src/ingest/main.ts', ground.env);
  await startReceiving();
}, 60_000);

afterEach(async () => {
  await receive.stop();
  await ingest.stop();
  await ground.close();
});

async function post(): Promise<string> {
  const sent = statement();
  expect((await client.post(sent)).status).toBe(200);
  return String(sent['id']);
}

/** What a filter finds, oldest first, once it finds so many; and what was said of it. */
function found(count: number): Promise<{ ids: string[]; stored: string[]; through: string }> {
  return eventually(async () => {
    const { statements }: Page = await page(client, '?ascending=true');
    expect(statements).toHaveLength(count);
    const { headers } = await client.get('?limit=1');
    return {
      ids: statements.map(({ id }) => id),
      stored: statements.map(({ stored }) => stored),
      through: headers.get('x-experience-api-consistent-through') ?? '',
    };
  });
}

test('a clock that steps back hides nothing: stored goes on, filters find the newest, also after kill -9', async () => {
  const ids = [await post()];
  await clock.set(-hourMs, receive);
  ids.push(await post());
  const before = await found(2);
  expect(before.ids).toEqual(ids);
  expect(before.through >= String(before.stored[1])).toBe(true);

  await receive.kill();
  await startReceiving();
  expect((await found(2)).ids).toEqual(ids);
  ids.push(await post(), await post());
  const after = await found(4);
  expect(after.ids).toEqual(ids);
  expect(after.stored).toEqual([...after.stored].sort());
  expect(after.through >= String(after.stored[3])).toBe(true);
}, 60_000);

test('one receiver goes on from what another, whose clock was ahead, has stored', async () => {
  await clock.set(hourMs, receive);
  const ids = [await post()];
  const other = await startProcess('lrs/src/receive/main.ts', ground.env);
  client = xapiClient(other.url, 'tool');
  await knows(client);
  expect((await found(1)).ids).toEqual(ids);
  ids.push(await post());
  expect((await found(2)).ids).toEqual(ids);
  await other.stop();
}, 60_000);

test('a clock that steps back keeps no revoked key', async () => {
  await post();
  await clock.set(-hourMs, receive);
  await ground.revokeKey('tool', 'org_a');
  await eventually(async () => {
    expect((await client.post(statement())).status).toBe(401);
  });
}, 60_000);
