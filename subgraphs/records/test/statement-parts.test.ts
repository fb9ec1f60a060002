import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import { uuidV7, verbs, type Statement } from '@lyceum/xapi';
import { publicUrl } from './kit/clickhouse.ts';
import { countQueries } from './kit/count-queries.ts';
import { startIngest, type RunningIngest } from './kit/ingest.ts';
import { runRecords, type Person, type RunningRecords, type School } from './kit/records.ts';

let records: RunningRecords;
let ingest: RunningIngest;
let school: School;
let admin: Person;

const ama = newId('user');
const [course, item] = [newId('course'), newId('item')];
const ours = (id: string) => `${publicUrl}/xapi/activities/${id}`;
const account = (name: string) => ({ account: { homePage: publicUrl, name } });
const registration = '3f0c1f6e-9a63-4f0a-8f7b-0d5b0f6f1c11';
const referred = uuidV7();

const whole: Statement = {
  id: uuidV7(),
  timestamp: '2026-11-20T10:00:00.5+01:00',
  version: '1.0.3',
  actor: { name: 'Ama', ...account(ama) },
  verb: { id: verbs.completed, display: { en: 'completed', de: 'schloss ab' } },
  object: {
    id: ours(item),
    definition: {
      name: { en: 'Bread', 'de-AT': 'Brot' },
      description: { en: 'How to bake' },
      type: 'http://adlnet.gov/expapi/activities/cmi.interaction',
      interactionType: 'choice',
      correctResponsesPattern: ['rye'],
      choices: [{ id: 'rye' }, { id: 'wheat' }],
    },
  },
  result: {
    score: { scaled: 0.5, raw: 5, min: 0, max: 10 },
    success: true,
    completion: true,
    response: 'rye',
    duration: 'PT4M30,5S',
    extensions: { 'https://ext.example/tries': 2 },
  },
  context: {
    registration,
    instructor: { mbox: 'mailto:ben@lyceum.example', name: 'Ben' },
    team: { objectType: 'Group', member: [{ mbox: 'mailto:cy@lyceum.example' }] },
    contextActivities: { parent: { id: ours(course) }, grouping: [{ id: 'https://tool.example/book' }] },
    platform: 'tablet',
    language: 'en-GB',
    revision: '7',
    statement: { objectType: 'StatementRef', id: referred },
  },
  attachments: [
    {
      usageType: 'https://tool.example/photo',
      display: { en: 'A photo', fr: 'Une photo' },
      contentType: 'image/png',
      length: 12,
      sha2: 'a'.repeat(64),
      fileUrl: 'https://files.example/bread.png',
    },
  ],
};

beforeAll(async () => {
  records = await runRecords();
  ingest = await startIngest(records);
  school = records.school();
  admin = await school.person('ADMIN');
  await school.receive([whole]);
  await ingest.ingested();
}, 60_000);
afterAll(async () => {
  await ingest.stop();
  await records.stop();
});

const parts = `query ($id: ID!) { statement(id: $id) {
  timestamp version
  actor { type name mbox account { homePage name } user { id } members { name } }
  user { id }
  verb { iri name display german: display(language: "de-CH, de;q=0.9") }
  object { __typename ... on Activity { iri } }
  activity {
    iri name austrian: name(language: "de") description type interactionType correctResponses definition
    contentItem { id } course { id }
  }
  contentItem { id } course { id }
  result { score { scaled raw min max } success completion response duration extensions }
  context {
    registration platform language revision
    instructor { type name mbox user { id } }
    team { type members { mbox } }
    contextActivities { parent { iri course { id } } grouping { iri } category { iri } other { iri } }
    contextAgents { relevantTypes } statement { id statement { id } } extensions
  }
  authority { account { name } }
  attachments { usageType display french: display(language: "fr") description contentType length sha2 fileUrl }
  voided voidedBy { id }
} }`;

test('a statement is read in all its parts, with whom and what of ours it names', async () => {
  const { data, errors } = await admin.ask<{ statement: Record<string, unknown> }>(parts, { id: whole.id });
  expect(errors).toBeUndefined();
  const { activity, ...rest } = data.statement as { activity: { definition: string } };
  expect(JSON.parse(activity.definition)).toEqual((whole.object as { definition: object }).definition);
  expect(activity).toMatchObject({
    iri: ours(item),
    name: 'Bread',
    austrian: 'Brot',
    description: 'How to bake',
    type: 'http://adlnet.gov/expapi/activities/cmi.interaction',
    interactionType: 'choice',
    correctResponses: ['rye'],
    contentItem: { id: item },
    course: null,
  });
  expect(rest).toEqual({
    timestamp: '2026-11-20T09:00:00.500Z',
    version: '1.0.3',
    actor: {
      type: 'AGENT',
      name: 'Ama',
      mbox: null,
      account: { homePage: publicUrl, name: ama },
      user: { id: ama },
      members: [],
    },
    user: { id: ama },
    verb: { iri: verbs.completed, name: 'completed', display: 'completed', german: 'schloss ab' },
    object: { __typename: 'Activity', iri: ours(item) },
    contentItem: { id: item },
    course: { id: course },
    result: { ...whole.result, extensions: '{"https://ext.example/tries":2}' },
    context: {
      registration,
      platform: 'tablet',
      language: 'en-GB',
      revision: '7',
      instructor: { type: 'AGENT', name: 'Ben', mbox: 'mailto:ben@lyceum.example', user: null },
      team: { type: 'GROUP', members: [{ mbox: 'mailto:cy@lyceum.example' }] },
      contextActivities: {
        parent: [{ iri: ours(course), course: { id: course } }],
        grouping: [{ iri: 'https://tool.example/book' }],
        category: [],
        other: [],
      },
      contextAgents: [],
      statement: { id: referred, statement: null },
      extensions: null,
    },
    authority: { account: { name: 'test' } },
    attachments: [{ ...whole.attachments![0], display: 'A photo', french: 'Une photo', description: null }],
    voided: false,
    voidedBy: null,
  });
});

async function read(query: string, id: string, who = admin): Promise<Record<string, unknown>> {
  const { data, errors } = await who.ask<{ statement: Record<string, unknown> }>(
    `query ($id: ID!) { statement(id: $id) { ${query} } }`,
    { id },
  );
  expect(errors).toBeUndefined();
  return data.statement;
}

async function say(statement: Omit<Statement, 'id'>, at: School = school): Promise<string> {
  const id = uuidV7();
  await at.receive([{ id, ...statement }]);
  await ingest.ingested();
  return id;
}

const verb = { id: verbs.experienced };

describe('what a statement is about', () => {
  test('may be a person, known by the name that somebody else gave them', async () => {
    const agent = { objectType: 'Agent' as const, mbox: 'mailto:dee@lyceum.example' };
    await say({ actor: { ...agent, name: 'Dee' }, verb, object: { id: 'https://tool.example/a' } });
    const id = await say({ actor: account(ama), verb, object: agent });
    expect(await read('object { __typename ... on Agent { mbox name names } } activity { iri }', id)).toEqual(
      {
        object: { __typename: 'Agent', mbox: agent.mbox, name: 'Dee', names: ['Dee'] },
        activity: null,
      },
    );
  });

  test('may be another statement', async () => {
    const id = await say({
      actor: account(ama),
      verb,
      object: { objectType: 'StatementRef', id: whole.id!.toUpperCase() },
    });
    const asked = 'object { __typename ... on StatementReference { statement { id user { id } } } }';
    expect(await read(asked, id)).toEqual({
      object: { __typename: 'StatementReference', statement: { id: whole.id, user: { id: ama } } },
    });
    const own = await say({
      actor: account('user_other'),
      verb,
      object: { objectType: 'StatementRef', id: whole.id! },
    });
    expect(await read(asked, own, await school.person('LEARNER', 'user_other'))).toEqual({
      object: { __typename: 'StatementReference', statement: null },
    });
  });

  test('may be a statement within it', async () => {
    const id = await say({
      actor: account(ama),
      verb: { id: 'https://verbs.example/planned' },
      object: {
        objectType: 'SubStatement',
        actor: account(ama),
        verb,
        object: { objectType: 'Activity', id: ours(item) },
        timestamp: '2027-01-01T00:00Z',
      },
    });
    const asked = `verb { name display } object { __typename ... on SubStatement {
      verb { name } object { ... on Activity { name } } timestamp result { success } attachments { sha2 } } }`;
    expect(await read(asked, id)).toEqual({
      verb: { name: null, display: null },
      object: {
        __typename: 'SubStatement',
        verb: { name: 'experienced' },
        // Its own says nothing: what the other statement has defined is known.
        object: { name: 'Bread' },
        timestamp: '2027-01-01T00:00:00.000Z',
        result: null,
        attachments: [],
      },
    });
  });
});

test('a number that no Float holds is null, and stands in the text', async () => {
  const id = uuidV7();
  const statement: Statement = { id, actor: account(ama), verb, object: { id: ours(item) } };
  const text = `${JSON.stringify(statement).slice(0, -1)},"result":{"score":{"raw":1e400,"max":3}}}`;
  await school.receiveText(statement, text);
  await ingest.ingested();
  const { json, ...rest } = await read('json result { score { raw max scaled } }', id);
  expect(rest).toEqual({ result: { score: { raw: null, max: 3, scaled: null } } });
  expect(json).toContain('"raw":1e400');
});

test('a page costs as many queries as one statement does', async () => {
  const crowd = records.school();
  const leader = await crowd.person('ADMIN');
  const written = Array.from({ length: 100 }, (_, number): Statement => ({
    id: uuidV7(),
    actor: account(newId('user')),
    verb,
    object: { id: ours(newId('item')), definition: { name: { en: String(number) } } },
  }));
  await crowd.receive(written);
  await ingest.ingested();
  const list = `query ($first: Int!) { statements(first: $first) { nodes {
    id voided actor { name names } activity { name description } context { instructor { name } }
  } } }`;
  const costOf = async (first: number) => {
    const counted = countQueries(records.clickHouse.url);
    const { data, errors } = await leader.ask<{ statements: { nodes: unknown[] } }>(list, { first });
    expect(errors).toBeUndefined();
    expect(data.statements.nodes).toHaveLength(first);
    return counted();
  };
  expect([await costOf(1), await costOf(100)]).toEqual([5, 5]);
});
