import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import { uuidV7, verbs, type Statement } from '@lyceum/xapi';
import { publicUrl } from './kit/clickhouse.ts';
import { startIngest, type RunningIngest } from './kit/ingest.ts';
import { runRecords, type Person, type RunningRecords, type School } from './kit/records.ts';

// Found by every filter of xAPI, by references too, as ingest has written them; never what is voided.

let records: RunningRecords;
let ingest: RunningIngest;
let school: School;
let admin: Person;

const [ama, ben] = [newId('user'), newId('user')];
const [bread, cake] = ['https://tool.example/bread', 'https://tool.example/cake'];
const registration = '7a3c1f6e-9a63-4f0a-8f7b-0d5b0f6f1c11';
const account = (name: string) => ({ account: { homePage: publicUrl, name } });
const mbox = 'mailto:tia@lyceum.example';
const sha = '1'.repeat(40);
const openid = 'https://id.example/uma';
const ids = {
  done: uuidV7(),
  taught: uuidV7(),
  group: uuidV7(),
  about: uuidV7(),
  part: uuidV7(),
  openid: uuidV7(),
  remark: uuidV7(),
  remarkOnRemark: uuidV7(),
  wrong: uuidV7(),
  voiding: uuidV7(),
};
type Name = keyof typeof ids;
const commented = { id: verbs.commented };
const on = (id: string) => ({ objectType: 'StatementRef' as const, id });

const written: Record<Name, Omit<Statement, 'id'>> = {
  done: {
    actor: account(ama),
    verb: { id: verbs.completed },
    object: { id: bread },
    result: { success: true, completion: true, score: { scaled: 0.75 } },
    context: { registration },
  },
  taught: {
    actor: account(ama),
    verb: { id: verbs.attempted },
    object: { id: cake },
    result: { success: false, score: { scaled: 0.25 } },
    context: { instructor: { mbox }, contextActivities: { parent: [{ id: bread }] } },
  },
  group: {
    actor: { objectType: 'Group', member: [{ mbox_sha1sum: sha }, { mbox }] },
    verb: { id: verbs.attempted },
    object: { id: cake },
  },
  about: {
    actor: account(ben),
    verb: { id: 'https://verbs.example/praised', display: { fr: 'éclair' } },
    object: { objectType: 'Agent', mbox },
  },
  part: {
    actor: account(ben),
    verb: { id: 'https://verbs.example/planned' },
    object: {
      objectType: 'SubStatement',
      actor: { mbox },
      verb: { id: verbs.completed },
      object: { id: bread },
    },
  },
  openid: { actor: { openid }, verb: { id: verbs.experienced }, object: { id: cake } },
  remark: { actor: account(ben), verb: commented, object: on(ids.done) },
  remarkOnRemark: { actor: { openid }, verb: commented, object: on(ids.remark) },
  wrong: { actor: account(ama), verb: { id: verbs.completed }, object: { id: bread } },
  voiding: { actor: account(ben), verb: { id: verbs.voided }, object: on(ids.wrong) },
};

beforeAll(async () => {
  records = await runRecords();
  ingest = await startIngest(records);
  school = records.school();
  admin = await school.person('ADMIN');
  for (const [name, each] of Object.entries(written)) {
    const statement = { id: ids[name as Name], ...each };
    await school.receiveText(statement, JSON.stringify(statement).replace('é', '\\u00e9'));
  }
  await ingest.ingested();
}, 60_000);
afterAll(async () => {
  await ingest.stop();
  await records.stop();
});

interface Page {
  names: string[];
  totalCount: number;
  end: string;
  start: string;
}

const query = `query ($filter: StatementFilter, $orderBy: StatementOrder! = STORED_ASC, $first: Int, $after: String,
  $last: Int, $before: String) {
  statements(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
    nodes { id } totalCount pageInfo { startCursor endCursor }
  }
}`;

async function find(variables: Record<string, unknown>, { ask }: Person = admin): Promise<Page> {
  const { data, errors } = await ask<{
    statements: {
      nodes: { id: string }[];
      totalCount: number;
      pageInfo: { startCursor: string; endCursor: string };
    };
  }>(query, variables);
  if (errors) throw new Error(JSON.stringify(errors));
  const { nodes, totalCount, pageInfo } = data.statements;
  const names = nodes.map(({ id }) => Object.entries(ids).find(([, each]) => each === id)?.[0] ?? id);
  return { names, totalCount, end: pageInfo.endCursor, start: pageInfo.startCursor };
}

const ofAma = ['done', 'taught', 'remark', 'remarkOnRemark'];
const everything = Object.keys(ids).filter((name) => name !== 'wrong');

describe('statements are found', () => {
  test.each<[string, object, string[]]>([
    ['all but what is voided', {}, everything],
    ['by a user, references too', { agent: { userId: ama } }, [...ofAma, 'voiding']],
    ['by a user who is the actor, and no references', { actor: ama }, ['done', 'taught']],
    ['by an address: actor, member and object', { agent: { mbox } }, ['group', 'about']],
    [
      'by an address anywhere',
      { agent: { mbox }, relatedAgents: true },
      ['taught', 'group', 'about', 'part'],
    ],
    ['by the digest of an address', { agent: { mboxSha1sum: sha.toUpperCase() } }, ['group']],
    ['by an OpenID', { agent: { openid } }, ['openid', 'remarkOnRemark']],
    [
      'by an account',
      { agent: { account: { homePage: publicUrl, name: ben } } },
      ['about', 'part', 'remark', 'remarkOnRemark', 'voiding'],
    ],
    [
      'by an authority',
      { agent: { account: { homePage: publicUrl, name: 'test' } }, relatedAgents: true },
      everything,
    ],
    ['by a verb, at any depth', { verb: 'completed' }, ['done', 'remark', 'remarkOnRemark', 'voiding']],
    ['by an activity', { activity: bread }, ['done', 'remark', 'remarkOnRemark', 'voiding']],
    [
      'by an activity anywhere',
      { activity: bread, relatedActivities: true },
      ['done', 'taught', 'part', 'remark', 'remarkOnRemark', 'voiding'],
    ],
    [
      'by a registration, in whatever case',
      { registration: registration.toUpperCase() },
      ['done', 'remark', 'remarkOnRemark'],
    ],
    ['by conditions that one of a chain meets', { agent: { userId: ben }, verb: 'completed' }, []],
    ['by a reference, of one actor', { verb: 'completed', actor: ben }, ['remark', 'voiding']],
    ['by success', { success: true }, ['done']],
    ['by no success', { success: false }, ['taught']],
    ['by completion', { completion: true }, ['done']],
    ['by a score from below', { score: { from: 0.5 } }, ['done']],
    ['by a score from both sides', { score: { from: 0.25, to: 0.5 } }, ['taught']],
    ['by words, whatever their case', { search: 'BREAD 0.75' }, ['done']],
    ['by a word that its JSON writes with escapes', { search: 'ÉCLAIR' }, ['about']],
    ['by a word with quotes, and no SQL', { search: `"' OR 1=1` }, []],
    ['by words and a verb', { search: 'bread', verb: 'attempted' }, ['taught']],
    ['by nobody of that name', { agent: { mbox: 'mailto:nobody@lyceum.example' } }, []],
  ])('%s', async (_case, filter, names) => {
    expect(await find({ filter })).toMatchObject({ names, totalCount: names.length });
  });

  test('from both ends, page by page, in both orders', async () => {
    const filter = { activity: bread, relatedActivities: true };
    const all = (await find({ filter })).names;
    for (const orderBy of ['STORED_ASC', 'STORED_DESC']) {
      const expected = orderBy === 'STORED_ASC' ? all : [...all].reverse();
      const first = await find({ filter, orderBy, first: 2 });
      const second = await find({ filter, orderBy, first: 2, after: first.end });
      const third = await find({ filter, orderBy, first: 2, after: second.end });
      expect([...first.names, ...second.names, ...third.names]).toEqual(expected);
      expect((await find({ filter, orderBy, last: 2, before: third.start })).names).toEqual(second.names);
      const between = { after: first.start, before: third.end };
      expect((await find({ filter, orderBy, first: 9, ...between })).names).toEqual(expected.slice(1, 5));
      expect((await find({ filter, orderBy, last: 2, ...between })).names).toEqual(expected.slice(3, 5));
    }
  });
});

describe('a voided statement', () => {
  const one = 'query ($id: ID!) { statement(id: $id) { voided voidedBy { id } } }';
  test('is found by its id, and says by which', async () => {
    const { data } = await admin.ask(one, { id: ids.wrong });
    expect(data).toEqual({ statement: { voided: true, voidedBy: { id: ids.voiding } } });
  });

  test('names to its actor none whose statement they do not see', async () => {
    const { data } = await (await school.person('LEARNER', ama)).ask(one, { id: ids.wrong });
    expect(data).toEqual({ statement: { voided: true, voidedBy: null } });
  });

  test('is none where it is a voiding one itself', async () => {
    const id = uuidV7();
    await school.receive([{ id, actor: account(ben), verb: { id: verbs.voided }, object: on(ids.voiding) }]);
    await ingest.ingested();
    const { data } = await admin.ask(one, { id: ids.voiding });
    expect(data).toEqual({ statement: { voided: false, voidedBy: null } });
  });
});

describe('who sees their own', () => {
  test('finds it by nothing that stands in what is hidden from them', async () => {
    const learner = await school.person('LEARNER', ben);
    expect((await find({ filter: { activity: bread } }, learner)).names).toEqual([]);
    expect((await find({ filter: { agent: { userId: ama } } }, learner)).names).toEqual([]);
    expect((await find({ filter: { verb: 'commented' } }, learner)).names).toEqual(['remark']);
    expect((await find({ filter: { agent: { mbox } } }, learner)).names).toEqual(['about']);
  });

  test('finds it by what they may see', async () => {
    const own = uuidV7();
    await school.receive([{ id: own, actor: account(ama), verb: commented, object: on(ids.done) }]);
    await ingest.ingested();
    const learner = await school.person('LEARNER', ama);
    const page = await find({ filter: { registration } }, learner);
    expect(page).toMatchObject({ names: ['done', own], totalCount: 2 });
  });
});

test('another organisation finds none of them by any filter', async () => {
  const stranger = await records.school().person('ADMIN');
  for (const filter of [
    {},
    { verb: 'completed' },
    { activity: bread },
    { agent: { mbox }, relatedAgents: true },
  ])
    expect(await find({ filter }, stranger)).toMatchObject({ names: [], totalCount: 0 });
});

test.each<[string, object, string]>([
  ['an agent with two identifiers', { agent: { mbox, openid } }, 'agent'],
  ['an agent with none', { agent: {} }, 'agent'],
  ['an address without mailto', { agent: { mbox: 'tia@lyceum.example' } }, 'agent'],
  ['a search for nothing', { search: ' ' }, 'search'],
  ['a search for too much', { search: 'a b c d e f g h i' }, 'search'],
  ['a registration that is no UUID', { registration: 'first' }, 'registration'],
])('refuses %s', async (_case, filter, field) => {
  const { errors } = await admin.ask(query, { filter });
  expect(errors).toMatchObject([{ extensions: { code: 'INVALID', field: ['filter', field] } }]);
});
