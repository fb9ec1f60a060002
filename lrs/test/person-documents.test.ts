import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { eventually } from '@lyceum/testing';
import { activity, addressOf, remote, type Remote } from './kit/documents.ts';
import { publicUrl, startLrs, type Lrs } from './kit/lrs.ts';
import { createAsker, type Asker } from './kit/personal-data.ts';
import { statement } from './kit/statements.ts';
import type { XapiClient } from './kit/xapi-client.ts';

let lrs: Lrs;
let asker: Asker;
let client: XapiClient;
let other: XapiClient;

beforeEach(async () => {
  lrs = await startLrs();
  asker = await createAsker(lrs.log);
  client = await lrs.client('org_a');
  other = await lrs.client('org_b');
}, 60_000);

afterEach(async () => {
  asker.stop();
  await lrs.stop();
});

const sha1 = createHash('sha1').update('mailto:ada@example.org').digest('hex');
const adas = [
  { account: { homePage: publicUrl, name: 'user_ada' } },
  { mbox: 'mailto:Ada@Example.org' },
  { mbox_sha1sum: sha1 },
];
const bo = { mbox: 'mailto:bo@example.org' };

const stateOf = (agent: object, by = client, id = 'place') =>
  remote(by, '/xapi/activities/state', { activityId: activity, agent: JSON.stringify(agent), stateId: id });
const profileOf = (agent: object, by = client) =>
  remote(by, '/xapi/agents/profile', { agent: JSON.stringify(agent), profileId: 'likes' });
const ofActivity = () =>
  remote(client, '/xapi/activities/profile', { activityId: activity, profileId: 'about' });

async function fill(): Promise<Remote[]> {
  const theirs = adas.flatMap((agent) => [stateOf(agent), profileOf(agent)]);
  const others = [stateOf(bo), profileOf(bo), stateOf(adas[0] ?? bo, other), ofActivity()];
  for (const [index, document] of [...theirs, ...others].entries())
    expect((await document.post(JSON.stringify({ index }))).status).toBe(204);
  return [...theirs, ...others];
}

test('an export has the person’s states and profiles, of all their identifiers, and binary ones as base64', async () => {
  await fill();
  await client.post(statement({ actor: adas[0] }));
  await stateOf(adas[1] ?? bo, client, 'image').put(new Uint8Array([0xff, 0x00]), {
    'content-type': 'image/png',
  });
  await stateOf(adas[1] ?? bo, client, 'large').put('ü'.repeat(300_000), {
    'content-type': 'text/plain',
  });
  const done = await asker.answer(await asker.ask({ kind: 'EXPORT' }));
  expect(done.report).toEqual([
    { what: 'statements', action: 'EXPORTED', count: 1 },
    { what: 'documents', action: 'EXPORTED', count: 8 },
  ]);
  expect([...new Set(asker.pieces.map(({ file }) => file))].sort()).toEqual([
    'documents.jsonl',
    'statements.jsonl',
  ]);
  const pieces = asker.pieces.filter(({ file }) => file === 'documents.jsonl');
  const lines = pieces
    .map(({ content }) => content)
    .join('')
    .trim()
    .split('\n');
  const documents = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(documents).toHaveLength(8);
  expect(documents).toContainEqual(
    expect.objectContaining({ stateId: 'image', contentType: 'image/png', contentBase64: '/wA=' }),
  );
  expect(documents).toContainEqual(
    expect.objectContaining({
      resource: 'activities/state',
      activityId: activity,
      agent: 'mailto:Ada@Example.org',
    }),
  );
  expect(documents.find(({ stateId }) => stateId === 'large')?.['content']).toBe('ü'.repeat(300_000));
  expect(lines.join('')).not.toContain('bo@example.org');
}, 60_000);

test('an erasure deletes them, and nobody else’s, nor what was made after it was asked for', async () => {
  const before = await fill();
  const requestedAt = await eventually(async () => {
    const { headers } = await stateOf(bo).get();
    const instant = Date.now();
    expect(instant).toBeGreaterThan(Date.parse(headers.get('last-modified') ?? '') + 1_000);
    return new Date(instant).toISOString();
  });
  await stateOf(adas[0] ?? bo, client, 'after').put('{}');
  const done = await asker.answer(await asker.ask({ kind: 'ERASURE', requestedAt }));
  expect(done.report).toEqual([{ what: 'documents', action: 'DELETED', count: 6 }]);
  const statuses = await Promise.all(before.map(async (document) => (await document.get()).status));
  expect(statuses).toEqual([404, 404, 404, 404, 404, 404, 200, 200, 200, 200]);
  expect((await stateOf(adas[0] ?? bo, client, 'after').get()).status).toBe(200);
  const list = addressOf('/xapi/agents/profile', { agent: JSON.stringify(adas[1]) });
  expect((await client.send('GET', list)).text).toBe('[]');
}, 60_000);
