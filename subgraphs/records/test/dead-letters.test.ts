import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { UnreadableRecordError, type Consumer } from '@lyceum/events';
import { eventually } from '@lyceum/testing';
import { statementsTopic } from '@lyceum/xapi';
import { runRecords, type Person, type RunningRecords, type School } from './kit/records.ts';

let records: RunningRecords;
let ours: School;
let admin: Person;
let stranger: Person;
let above: Person;
let consumers: Consumer[];
/** What each group has handled of records that only some can read. */
const handled: Record<string, string[]> = { 'lrs-ingest': [], 'learning-progress': [] };
let isMended = false;

interface Letter {
  id: string;
  topic: string;
  group: string;
  reason: string;
  state: string;
  decidedBy: { id: string } | null;
  bytes: number;
  payload: { text: string | null; base64: string | null; isCut: boolean } | null;
}

const fields = `id topic partition offset group reason failedAt state decidedAt decidedBy { id } bytes
  payload { text base64 isCut }`;

async function listed({ ask }: Person, filter: object = {}): Promise<Letter[]> {
  const { data, errors } = await ask<{ deadLetters: { nodes: Letter[] } }>(
    `query ($filter: DeadLetterFilter) { deadLetters(filter: $filter) { nodes { ${fields} } totalCount } }`,
    { filter },
  );
  expect(errors).toBeUndefined();
  return data.deadLetters.nodes;
}

interface Decision {
  deadLetter: Letter | null;
  userErrors: { code: string; field: string[] | null }[];
}

async function decide({ ask }: Person, verb: 'Resend' | 'Discard', input: object) {
  const { data, errors } = await ask<Record<string, Decision>>(
    `mutation ($input: DeadLetter${verb}Input!) {
      decision: deadLetter${verb}(input: $input) { deadLetter { ${fields} } userErrors { code field } }
    }`,
    { input },
  );
  return { errors, ...(data as Record<string, Decision> | null)?.['decision'] };
}

/** A record that lrs-ingest can't read before it is mended, and that the other group can. */
async function unreadable(value: string | Buffer, organisationId = ours.organisationId): Promise<Letter> {
  const before = await listed(above);
  await records.log.append([
    { topic: statementsTopic, key: organisationId, value, headers: { organisation: organisationId } },
  ]);
  return eventually(async () => {
    const all = await listed(above);
    expect(all).toHaveLength(before.length + 1);
    return all[0]!;
  });
}

beforeAll(async () => {
  records = await runRecords();
  ours = records.school();
  admin = await ours.person('ADMIN');
  stranger = await records.school().person('ADMIN');
  above = await records.school().person('PLATFORM_ADMIN');
  consumers = await Promise.all(
    Object.keys(handled).map((group) =>
      records.log.consume({
        topics: [statementsTopic],
        group,
        handle: ({ records: batch }) => {
          const bad = batch.find(() => group === 'lrs-ingest' && !isMended);
          if (bad) throw new UnreadableRecordError(bad.offset, 'line 1 is not a statement');
          handled[group]!.push(...batch.map(({ value }) => value.toString()));
          return Promise.resolve();
        },
      }),
    ),
  );
}, 60_000);
afterAll(async () => {
  await Promise.all(consumers.map((consumer) => consumer.stop()));
  await records.stop();
});

test('a dead letter is read by the administrators of its organisation, and by nobody of another', async () => {
  const letter = await unreadable('not a statement\n');
  const [own] = await listed(admin);
  expect(own).toMatchObject({
    ...{ id: letter.id, topic: 'statements', group: 'lrs-ingest', reason: 'line 1 is not a statement' },
    ...{ state: 'WAITING', decidedBy: null, bytes: 16 },
    payload: { text: 'not a statement\n', base64: null, isCut: false },
  });
  expect(await listed(stranger)).toEqual([]);
  const one = `query ($id: ID!) { deadLetter(id: $id) { id } }`;
  expect((await admin.ask(one, { id: letter.id })).data).toEqual({ deadLetter: { id: letter.id } });
  const { errors } = await stranger.ask(one, { id: letter.id });
  expect(errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
  for (const verb of ['Resend', 'Discard'] as const)
    expect(await decide(stranger, verb, { id: letter.id })).toMatchObject({
      userErrors: [{ code: 'NOT_FOUND', field: ['input', 'id'] }],
    });
});

test('who stands above the organisations sees that it is there, and not what it says', async () => {
  const letter = await unreadable('somebody’s statement');
  expect(letter).toMatchObject({ bytes: 22, payload: null });
  const { organisationId } = ours;
  await records.log.append([
    {
      topic: 'identity.events.dead-letter',
      key: organisationId,
      value: '{"data":{"secretHash":"hash"}}',
      headers: {
        organisation: organisationId,
        'dead-letter-topic': 'identity.events',
        'dead-letter-group': 'lrs-keys',
        'dead-letter-reason': 'breaks its contract',
      },
    },
  ]);
  await eventually(async () => {
    const [found] = await listed(above, { topic: 'identity.events' });
    expect(found).toMatchObject({ group: 'lrs-keys', payload: { text: '{"data":{"secretHash":"hash"}}' } });
  });
  // Services tell each other hashes of secrets: no organisation's administrators look into that.
  expect(await listed(admin, { topic: 'identity.events' })).toEqual([]);
});

test('it is sent again to the group that could not read it, once, and to no other', async () => {
  const letter = await unreadable('mended\n');
  await eventually(() => {
    expect(handled['learning-progress']).toContain('mended\n');
  });
  isMended = true;
  const { deadLetter, userErrors } = await decide(admin, 'Resend', { id: letter.id });
  expect(userErrors).toEqual([]);
  expect(deadLetter).toMatchObject({ state: 'RESENT', decidedBy: { id: admin.userId } });
  await records.log.append([{ topic: statementsTopic, key: ours.organisationId, value: 'later\n' }]);
  await eventually(() => {
    expect(handled['lrs-ingest']!.filter((value) => /mended|later/.test(value))).toEqual([
      'mended\n',
      'later\n',
    ]);
    expect(handled['learning-progress']!.filter((value) => /mended|later/.test(value))).toEqual([
      'mended\n',
      'later\n',
    ]);
  });
  expect(await decide(admin, 'Resend', { id: letter.id })).toMatchObject({
    deadLetter: null,
    userErrors: [{ code: 'CONFLICT', field: ['input', 'again'] }],
  });
  const again = await decide(admin, 'Resend', { id: letter.id, again: true });
  expect(again.userErrors).toEqual([]);
  await eventually(() => {
    expect(handled['lrs-ingest']!.filter((value) => value === 'mended\n')).toHaveLength(2);
  });
  isMended = false;
});

test('what still can’t be read is a dead letter anew', async () => {
  const letter = await unreadable('hopeless\n');
  await decide(admin, 'Resend', { id: letter.id });
  await eventually(async () => {
    const found = (await listed(admin)).filter(({ payload }) => payload?.text === 'hopeless\n');
    expect(found.map(({ state }) => state)).toEqual(['WAITING', 'RESENT']);
  });
});

test('it is discarded, which is seen, and counts no more; twice is once', async () => {
  const counted = async () => {
    const { data } = await admin.ask<{ recordStoreHealth: { deadLetters: number } }>(
      '{ recordStoreHealth { deadLetters } }',
    );
    return data.recordStoreHealth.deadLetters;
  };
  const letter = await unreadable('unwanted');
  const before = await counted();
  for (let times = 0; times < 2; times += 1)
    expect(await decide(admin, 'Discard', { id: letter.id })).toMatchObject({
      deadLetter: { state: 'DISCARDED', decidedBy: { id: admin.userId } },
      userErrors: [],
    });
  expect(await counted()).toBe(before - 1);
  expect((await listed(admin, { state: 'DISCARDED' })).map(({ id }) => id)).toEqual([letter.id]);
  const { data } = await stranger.ask('{ recordStoreHealth { deadLetters } }');
  expect(data).toEqual({ recordStoreHealth: { deadLetters: 0 } });
});

test('what is no text comes in base64, and of what is long the beginning', async () => {
  const bytes = await unreadable(Buffer.from([0, 255, 1]));
  expect((await listed(admin)).find(({ id }) => id === bytes.id)?.payload).toEqual({
    ...{ text: null, base64: 'AP8B', isCut: false },
  });
  const long = await unreadable('ü'.repeat(40_000));
  const payload = (await listed(admin)).find(({ id }) => id === long.id)?.payload;
  expect(payload).toEqual({ text: 'ü'.repeat(32_768), base64: null, isCut: true });
});

test('pages follow each other, with filters', async () => {
  const all = await listed(admin);
  const page = async (args: string) => {
    const { data } = await admin.ask<{
      deadLetters: {
        nodes: Letter[];
        totalCount: number;
        pageInfo: { endCursor: string; hasNextPage: boolean };
      };
    }>(`{ deadLetters(${args}) { nodes { id } totalCount pageInfo { endCursor hasNextPage } } }`);
    return data.deadLetters;
  };
  const first = await page('first: 2');
  expect(first).toMatchObject({ totalCount: all.length, pageInfo: { hasNextPage: true } });
  const second = await page(`first: 100, after: "${first.pageInfo.endCursor}"`);
  expect([...first.nodes, ...second.nodes].map(({ id }) => id)).toEqual(all.map(({ id }) => id));
  expect((await page('last: 1')).nodes.map(({ id }) => id)).toEqual([all.at(-1)!.id]);
  expect(await listed(admin, { group: 'nobody' })).toEqual([]);
  expect(await listed(admin, { since: new Date() })).toEqual([]);
});

test.each(['AUTHOR', 'INSTRUCTOR', 'LEARNER', 'OBSERVER'] as const)(
  'all of it is FORBIDDEN to %s',
  async (role) => {
    const person = await ours.person(role);
    const { errors } = await person.ask('{ deadLetters { totalCount } }');
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN', missing: 'dead-letter.read' } }]);
    const decision = await decide(person, 'Resend', { id: 'deadletter_01h455vb4pex5vsknk084sn02q' });
    expect(decision.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  },
);
