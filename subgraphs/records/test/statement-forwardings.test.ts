import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { domainEvent, parseDomainEvent, type EventData } from '@lyceum/events';
import { createForwardingCredentials, developmentKeyEncryptionSecret, newId } from '@lyceum/service';
import { eventually, graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { createNames } from '../src/domain/names.ts';
import { createStatementForwardings } from '../src/domain/statement-forwardings.ts';
import { createForwardingEvents } from '../src/events/forwarding-events.ts';
import { publicUrl } from './kit/clickhouse.ts';
import { runRecords, type Person, type RunningRecords, type School } from './kit/records.ts';

let records: RunningRecords;
let school: School;
let admin: Person;
let ask: GraphQLClient;
const wanted: Setup[] = [];
const stopping = new AbortController();

type Setup = EventData['statement-forwarding.updated']['forwarding'];
type Progress = EventData['statement-forwarding.progressed'];

beforeAll(async () => {
  records = await runRecords();
  const tail = records.log.tail({ topic: 'records.events', from: 'now', signal: stopping.signal });
  await tail.ready;
  void (async () => {
    for await (const record of tail) {
      const event = parseDomainEvent(record);
      if (event?.type === 'statement-forwarding.updated') wanted.push(event.data.forwarding);
    }
  })().catch(() => undefined);
}, 60_000);
beforeEach(async () => {
  school = records.school();
  admin = await school.person('ADMIN');
  ask = graphqlClient(records.url, admin.token);
});
afterAll(async () => {
  stopping.abort();
  await records.stop();
});

const fields = `id name endpoint version key state sent refused pending lagSeconds failure failingSince waitingUntil attachments
  filter { verbs activities actors { id } registrations } createdBy { id }`;

interface Forwarding {
  id: string;
  name: string;
  state: string;
  failure: string | null;
  [field: string]: unknown;
}

interface Payload {
  forwarding: Forwarding | null;
  userErrors: { code: string; field: string[] | null; message: string }[];
}

const input = {
  name: 'Head office',
  endpoint: 'https://lrs.example.org/xapi/',
  key: 'us',
  secret: 'between us',
};

const create = async (more: Record<string, unknown> = {}): Promise<Payload> =>
  (
    await ask<{ statementForwardingCreate: Payload }>(
      `mutation ($input: StatementForwardingCreateInput!) {
        statementForwardingCreate(input: $input) { forwarding { ${fields} } userErrors { code field message } }
      }`,
      { input: { ...input, ...more } },
    )
  ).data.statementForwardingCreate;

async function made(more: Record<string, unknown> = {}): Promise<Forwarding> {
  const { forwarding, userErrors } = await create(more);
  expect(userErrors).toEqual([]);
  return forwarding!;
}

const change = async (act: 'Update' | 'Pause' | 'Resume', more: Record<string, unknown>): Promise<Payload> =>
  (
    await ask<Record<'payload', Payload>>(
      `mutation ($input: StatementForwarding${act}Input!) {
        payload: statementForwarding${act}(input: $input) { forwarding { ${fields} } userErrors { code field message } }
      }`,
      { input: more },
    )
  ).data.payload;

const read = async (id: string): Promise<Forwarding> =>
  (
    await ask<{ statementForwarding: Forwarding }>(
      `query ($id: ID!) { statementForwarding(id: $id) { ${fields} refusals { totalCount nodes { statementId status reason } } } }`,
      { id },
    )
  ).data.statementForwarding;

const askedFor = (id: string, revision: number) =>
  eventually(() => {
    const found = wanted.find((each) => each.id === id && each.revision === revision);
    if (!found) throw new Error(`revision ${String(revision)} of ${id} is not asked for`);
    return found;
  });

const heard = () =>
  eventually(async () => {
    const behind = (await records.log.lag('records-statement-forwardings')).filter(({ lag }) => lag > 0);
    if (behind.length > 0) throw new Error(`behind: ${JSON.stringify(behind)}`);
  });

async function tell(id: string, more: Partial<Progress> = {}): Promise<void> {
  const { organisationId } = school;
  const data = {
    ...{ forwardingId: id, organisationId, revision: 1, setupRevision: 1, state: 'RUNNING' as const },
    ...{ sent: 0, refused: 0, refusals: [], ...more },
  };
  await records.log.append([
    domainEvent({ type: 'statement-forwarding.progressed', subject: id, organisation: organisationId, data }),
  ]);
}

test('the LRS is told what is wanted, with a secret that only it can open, and that nobody is shown', async () => {
  const actor = newId('user');
  const registration = '0E5B6B5A-9C1D-4D8E-8F00-2D6F2C3B4A59';
  const forwarding = await made({
    filter: {
      verbs: ['completed'],
      activities: ['http://example.org/a'],
      actors: [actor],
      registrations: [registration],
    },
  });
  expect(forwarding).toMatchObject({
    endpoint: 'https://lrs.example.org/xapi',
    version: 'V1_0_3',
    key: 'us',
    state: 'RUNNING',
  });
  expect(forwarding).toMatchObject({ createdBy: { id: admin.userId }, filter: { actors: [{ id: actor }] } });
  const setup = await askedFor(forwarding.id, 1);
  expect(setup).toMatchObject({
    organisationId: school.organisationId,
    enabled: true,
    filter: {
      verbs: ['http://adlnet.gov/expapi/verbs/completed'],
      agents: [`account:${publicUrl}|${actor}`, `account:${publicUrl}/|${actor}`],
      registrations: [registration.toLowerCase()],
    },
  });
  expect(JSON.stringify(setup)).not.toContain(input.secret);
  const credentials = await createForwardingCredentials(developmentKeyEncryptionSecret);
  expect(await credentials.open(setup)).toBe(input.secret);
  await expect(credentials.open({ ...setup, endpoint: 'https://thief.example' })).rejects.toThrow();
});

test.each([
  ['http://lrs.example.org/xapi', 'https://'],
  ['https://10.0.0.1/xapi', 'private network'],
  ['https://127.0.0.1/xapi', 'private network'],
  ['https://[::1]/xapi', 'private network'],
  ['https://[::ffff:169.254.169.254]/xapi', 'private network'],
  ['https://169.254.169.254/latest', 'private network'],
  ['https://user:password@lrs.example.org/xapi', 'credentials'],
  ['https://lrs.example.org/xapi?a=b', 'query'],
])('%s is refused as an endpoint', async (endpoint, reason) => {
  const { forwarding, userErrors } = await create({ endpoint });
  expect(forwarding).toBeNull();
  expect(userErrors).toMatchObject([
    { code: 'INVALID', field: ['input', 'endpoint'], message: expect.stringContaining(reason) },
  ]);
});

test('the store itself is refused as an endpoint', async () => {
  const open = await runRecords({
    STORE_FORWARDING_ALLOW_PRIVATE: '1',
    XAPI_PUBLIC_URL: 'http://localhost:4999/xapi',
  });
  try {
    const { token } = await open.school().person('ADMIN');
    const {
      data: { statementForwardingCreate },
    } = await graphqlClient(open.url, token)<{
      statementForwardingCreate: Payload;
    }>(
      `mutation ($input: StatementForwardingCreateInput!) {
        statementForwardingCreate(input: $input) { forwarding { id } userErrors { code field message } }
      }`,
      { input: { ...input, endpoint: 'http://LOCALHOST:4999/xapi/' } },
    );
    expect(statementForwardingCreate.userErrors).toMatchObject([
      { code: 'INVALID', message: expect.stringContaining('itself') },
    ]);
  } finally {
    await open.stop();
  }
}, 60_000);

test('what is wrong is named', async () => {
  const wrong = [
    [{ name: ' ' }, ['input', 'name']],
    [{ key: 'a:b' }, ['input', 'key']],
    [{ secret: '' }, ['input', 'secret']],
    [{ filter: { verbs: ['nothing known'] } }, ['input', 'filter', 'verbs']],
    [{ filter: { actors: [newId('course')] } }, ['input', 'filter', 'actors']],
    [{ filter: { registrations: ['1'] } }, ['input', 'filter', 'registrations']],
  ] as const;
  for (const [more, field] of wrong)
    expect((await create(more)).userErrors).toMatchObject([{ code: 'INVALID', field }]);
});

test('a name is used once, and an organisation has twenty at most', async () => {
  for (let place = 0; place < 20; place += 1) await made({ name: `Place ${String(place)}` });
  expect((await create({ name: 'Place 3' })).userErrors).toMatchObject([{ code: 'CONFLICT' }]);
  expect((await create({ name: 'One more' })).userErrors).toMatchObject([{ code: 'CONFLICT', field: null }]);
});

test('another host is given the secret anew, and the one before is forgotten', async () => {
  const { id } = await made();
  const elsewhere = { id, endpoint: 'https://other.example.org/xapi' };
  expect((await change('Update', elsewhere)).userErrors).toMatchObject([
    { code: 'INVALID', field: ['input', 'secret'] },
  ]);
  const { userErrors, forwarding } = await change('Update', { ...elsewhere, secret: 'for them' });
  expect([userErrors, forwarding?.['endpoint']]).toEqual([[], elsewhere.endpoint]);
  const credentials = await createForwardingCredentials(developmentKeyEncryptionSecret);
  expect(await credentials.open(await askedFor(id, 2))).toBe('for them');
});

test('how it goes is in the graph and live; what is told late or of what was wanted before changes nothing', async () => {
  const { id } = await made();
  const live = await records.follow<{ statementForwardingChanged: Forwarding }>(
    admin,
    `subscription ($id: ID!) { statementForwardingChanged(id: $id) { ${fields} } }`,
    { id },
  );
  const failingSince = '2026-11-28T10:00:00.000Z';
  await tell(id, {
    ...{
      revision: 5,
      state: 'FAILING',
      failure: 'It answers 401',
      failingSince,
      sent: 10,
      refused: 1,
      pending: 7,
    },
    ...{ lagSeconds: 61.5 },
    refusals: [{ statementId: 'a', status: 400, reason: 'no', refusedAt: failingSince }],
  });
  const { statementForwardingChanged: changed } = (await live.next()).data;
  const expected = {
    state: 'FAILING',
    failure: 'It answers 401',
    failingSince,
    sent: 10,
    refused: 1,
    pending: 7,
    lagSeconds: 61.5,
  };
  expect(changed).toMatchObject(expected);
  await tell(id, { revision: 4, state: 'RUNNING' });
  await heard();
  expect(await read(id)).toMatchObject({
    ...expected,
    refusals: { totalCount: 1, nodes: [{ statementId: 'a', status: 400, reason: 'no' }] },
  });
  expect((await change('Pause', { id })).forwarding).toMatchObject({ state: 'PAUSED', failure: null });
  await tell(id, { revision: 6, setupRevision: 1, state: 'FAILING', failure: 'late', sent: 11 });
  await heard();
  expect(await read(id)).toMatchObject({ state: 'PAUSED', failure: null, sent: 11 });
  expect((await change('Resume', { id })).forwarding).toMatchObject({ state: 'RUNNING' });
  expect(await askedFor(id, 3)).toMatchObject({ enabled: true });
  await live.close();
});

test('a deleted one is no more', async () => {
  const { id } = await made();
  const {
    data: { statementForwardingDelete },
  } = await ask<{ statementForwardingDelete: { forwardingId: string } }>(
    'mutation ($id: ID!) { statementForwardingDelete(input: { id: $id }) { forwardingId userErrors { code } } }',
    { id },
  );
  expect(statementForwardingDelete.forwardingId).toBe(id);
  expect((await change('Pause', { id })).userErrors).toMatchObject([
    { code: 'NOT_FOUND', field: ['input', 'id'] },
  ]);
});

test('the LRS is told again what is wanted where nothing was heard of it for long', async () => {
  const { id } = await made();
  await askedFor(id, 1);
  wanted.length = 0;
  await records.database.sql.execute(
    `UPDATE statement_forwarding SET heard_at = now() - interval '2 hours', asked_at = now() - interval '2 hours' WHERE id = $1`,
    [id],
  );
  const names = createNames(publicUrl);
  const forwardings = createStatementForwardings({
    ...{ database: records.database, names, events: createForwardingEvents(names), ownUrls: [] },
    live: { subscribe: () => Promise.reject(new Error('nobody listens')), stop: () => Promise.resolve() },
    credentials: await createForwardingCredentials(developmentKeyEncryptionSecret),
    rules: { privateAddresses: false },
  });
  await forwardings.askAgain();
  await askedFor(id, 1);
  await forwardings.askAgain();
  expect(wanted.filter((each) => each.id === id)).toHaveLength(1);
});
