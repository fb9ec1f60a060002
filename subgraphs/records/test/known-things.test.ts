import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import { uuidV7, verbs, type Statement } from '@lyceum/xapi';
import { publicUrl } from './kit/clickhouse.ts';
import { countQueries } from './kit/count-queries.ts';
import { startIngest, type RunningIngest } from './kit/ingest.ts';
import { runRecords, type Person, type RunningRecords, type School } from './kit/records.ts';

// The activities, agents and verbs that statements name, for those who may see the statements.

let records: RunningRecords;
let ingest: RunningIngest;
let school: School;
let admin: Person;
let learner: Person;
let stranger: Person;

const [ama, ben] = [newId('user'), newId('user')];
const account = (name: string) => ({ account: { homePage: publicUrl, name } });
const course = newId('course');
const [bread, cake, tart] = [
  'https://tool.example/bread',
  'https://tool.example/cake',
  'https://tool.example/tart',
];
const lesson = 'http://adlnet.gov/expapi/activities/lesson';
const praised = 'https://verbs.example/praised';

const written: Statement[] = [
  {
    actor: { name: 'Ama Mensah', ...account(ama) },
    verb: { id: verbs.completed },
    object: { id: bread, definition: { name: { en: 'Bread', de: 'Br\u00f6tchen' }, type: lesson } },
    context: { instructor: { mbox: 'mailto:tia@lyceum.example', name: 'Tia Tell' } },
  },
  {
    actor: { name: 'Ben', ...account(ben) },
    verb: { id: praised, display: { en: 'praised', de: 'lobte' } },
    object: { id: cake, definition: { name: { en: 'Bread cake' } } },
  },
  {
    actor: { name: 'Uma', openid: 'https://id.example/uma' },
    verb: { id: praised },
    object: { id: tart, definition: { name: { en: 'Tart' } } },
  },
  {
    actor: { mbox_sha1sum: 'a'.repeat(40), name: 'Digest' },
    verb: { id: praised, display: { en: 'praised highly' } },
    object: { id: `${publicUrl}/xapi/activities/${course}` },
  },
];

beforeAll(async () => {
  records = await runRecords();
  ingest = await startIngest(records);
  school = records.school();
  admin = await school.person('ADMIN');
  learner = await school.person('LEARNER', ama);
  stranger = await records.school().person('ADMIN');
  for (const statement of written) await school.receive([{ id: uuidV7(), ...statement }]);
  await ingest.ingested();
}, 60_000);
afterAll(async () => {
  await ingest.stop();
  await records.stop();
});

const nodesOf = {
  activities: 'iri',
  agents: 'name',
  verbs: 'iri',
} as const;
const filterOf = { activities: 'ActivityFilter', agents: 'AgentsFilter', verbs: 'VerbFilter' } as const;

async function list(
  things: keyof typeof nodesOf,
  { ask }: Person,
  { filter, first, after }: { filter?: object; first?: number; after?: string } = {},
) {
  const { data, errors } = await ask<Record<string, Found>>(
    `query ($filter: ${filterOf[things]}, $first: Int, $after: String) {
      ${things}(filter: $filter, first: $first, after: $after) {
        nodes { ${nodesOf[things]} } totalCount pageInfo { endCursor hasNextPage }
      }
    }`,
    { filter, first, after },
  );
  expect(errors).toBeUndefined();
  const { nodes, totalCount, pageInfo } = data[things]!;
  return { names: nodes.map((node) => Object.values(node)[0]!), totalCount, ...pageInfo };
}

interface Found {
  nodes: Record<string, string>[];
  totalCount: number;
  pageInfo: { endCursor: string; hasNextPage: boolean };
}

describe.each<[keyof typeof nodesOf, string[], string[]]>([
  ['activities', [bread, cake, tart], [bread]],
  ['agents', ['Ama Mensah', 'Ben', 'Tia Tell', 'Uma', 'Digest'], ['Ama Mensah', 'Tia Tell']],
  ['verbs', [verbs.completed, praised], [verbs.completed]],
])('%s', (things, all, own) => {
  test('are all of the organisation for who may see all', async () => {
    const { names, totalCount } = await list(things, admin);
    expect([...names].sort()).toEqual([...all].sort());
    expect(totalCount).toBe(all.length);
  });

  test('are those of their own statements for everybody else', async () => {
    const { names, totalCount } = await list(things, learner);
    expect([...names].sort()).toEqual([...own].sort());
    expect(totalCount).toBe(own.length);
  });

  test('are none of another organisation', async () => {
    expect(await list(things, stranger)).toMatchObject({ names: [], totalCount: 0 });
  });

  test('are walked page by page, each once', async () => {
    const names: string[] = [];
    let after: string | undefined;
    do {
      const page = await list(things, admin, { first: 1, ...(after !== undefined && { after }) });
      names.push(...page.names);
      after = page.hasNextPage ? page.endCursor : undefined;
    } while (after !== undefined);
    expect(names).toEqual((await list(things, admin)).names);
  });
});

test.each<[keyof typeof nodesOf, object, string[]]>([
  ['activities', { search: 'BREAD' }, [bread, cake]],
  ['activities', { search: 'brö' }, [bread]],
  ['activities', { search: 'bread', type: lesson }, [bread]],
  ['activities', { search: "' OR 1 = 1 --" }, []],
  ['agents', { search: 'mensah' }, ['Ama Mensah']],
  ['verbs', { search: 'Prais' }, [praised]],
])('%s are searched for %j', async (things, filter, names) => {
  expect(await list(things, admin, { filter })).toMatchObject({ names, totalCount: names.length });
});

test('the newest name of an activity is searched for, not what it was called before', async () => {
  const iri = 'https://tool.example/renamed';
  for (const name of ['Older', 'Newer'])
    await school.receive([
      {
        id: uuidV7(),
        actor: account(ama),
        verb: { id: verbs.completed },
        object: { id: iri, definition: { name: { en: name } } },
      },
    ]);
  await ingest.ingested();
  expect((await list('activities', admin, { filter: { search: 'older' } })).names).toEqual([]);
  expect((await list('activities', admin, { filter: { search: 'newer' } })).names).toEqual([iri]);
});

describe('one', () => {
  const activity = 'query ($id: ID!) { activity(id: $id) { iri name course { id } } }';
  const agent = `query ($identifier: AgentFilter!) { agent(identifier: $identifier) {
    type name mbox openid mboxSha1sum account { name } user { id } } }`;

  test('activity is found by its IRI or the id of what is ours', async () => {
    expect((await admin.ask(activity, { id: bread })).data).toEqual({
      activity: { iri: bread, name: 'Bread', course: null },
    });
    expect((await admin.ask(activity, { id: course })).data).toMatchObject({
      activity: { course: { id: course } },
    });
  });

  test.each<[object, object]>([
    [{ userId: ama }, { name: 'Ama Mensah', user: { id: ama }, account: { name: ama } }],
    [{ mbox: 'mailto:tia@lyceum.example' }, { name: 'Tia Tell', mbox: 'mailto:tia@lyceum.example' }],
    [{ openid: 'https://id.example/uma' }, { name: 'Uma', openid: 'https://id.example/uma' }],
    [{ mboxSha1sum: 'A'.repeat(40) }, { name: 'Digest', mboxSha1sum: 'a'.repeat(40) }],
  ])('agent is found by %j', async (identifier, found) => {
    expect((await admin.ask(agent, { identifier })).data).toMatchObject({
      agent: { type: 'AGENT', ...found },
    });
  });

  test('is not found by who may not see what names it, or by another organisation', async () => {
    for (const { ask } of [learner, stranger]) {
      const answers = [
        await ask(activity, { id: cake }),
        await ask(agent, { identifier: { userId: ben } }),
        await ask(agent, { identifier: { mbox: 'mailto:nobody@lyceum.example' } }),
      ];
      for (const { errors } of answers) expect(errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
    }
    expect((await learner.ask(activity, { id: bread })).data).toMatchObject({ activity: { iri: bread } });
  });
});

test('a verb is displayed as the newest statement that has it does', async () => {
  const query = '{ verbs { nodes { name display german: display(language: "de") } } }';
  const counted = countQueries(records.clickHouse.url);
  const { data } = await admin.ask(query);
  expect(counted()).toBe(2);
  expect(data).toEqual({
    verbs: {
      nodes: [
        { name: 'completed', display: null, german: null },
        { name: null, display: 'praised highly', german: 'praised highly' },
      ],
    },
  });
});

test.each<[keyof typeof nodesOf, object]>([
  ['activities', { search: ' ' }],
  ['agents', { search: 'a'.repeat(201) }],
])('a search of %s for nothing, or too much, is refused', async (things, filter) => {
  const { errors } = await admin.ask(
    `query ($filter: ${filterOf[things]}) { ${things}(filter: $filter) { totalCount } }`,
    { filter },
  );
  expect(errors).toMatchObject([{ extensions: { code: 'INVALID', field: ['filter', 'search'] } }]);
});
