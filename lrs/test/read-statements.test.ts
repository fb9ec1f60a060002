import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@lyceum/testing';
import { keep } from './kit/reading.ts';
import { startLrs, type Lrs } from './kit/lrs.ts';
import { statement, statements } from './kit/statements.ts';
import type { XapiClient } from './kit/xapi-client.ts';

let lrs: Lrs;
let client: XapiClient;

beforeAll(async () => {
  lrs = await startLrs();
  client = await lrs.client('org_a');
}, 60_000);
afterAll(() => lrs.stop());

interface Page {
  statements: { id: string; stored: string }[];
  more: string;
}

async function page(query: string, reader: XapiClient = client): Promise<Page> {
  const { status, body } = await reader.get(query);
  expect(status).toBe(200);
  return body as unknown as Page;
}

function idsOf({ statements: found }: Page): string[] {
  return found.map(({ id }) => id);
}

/** Posts statements and waits until ClickHouse has them. */
const post = (batch: Record<string, unknown>[], writer: XapiClient = client): Promise<string[]> =>
  keep(lrs, writer, batch);

const grace = { mbox: 'mailto:grace@example.org' };
const course = { id: 'urn:course:1' };

describe('a filter finds what it names and nothing else', () => {
  const cases: [string, Record<string, unknown>, (ids: string[]) => string][] = [
    ['verb', { verb: { id: 'urn:verb:only-this' } }, () => 'verb=urn:verb:only-this'],
    ['activity', { object: { id: 'urn:activity:only-this' } }, () => 'activity=urn:activity:only-this'],
    ['agent by mbox', { actor: grace }, () => `agent=${JSON.stringify(grace)}`],
    [
      'agent by account',
      { actor: { account: { homePage: 'urn:home', name: "o'hara \\ 50%\ttab" } } },
      () =>
        `agent=${encodeURIComponent(JSON.stringify({ account: { homePage: 'urn:home', name: "o'hara \\ 50%\ttab" } }))}`,
    ],
    [
      'agent as the object',
      { object: { objectType: 'Agent', mbox: 'mailto:o@b.c' } },
      () => 'agent={"mbox":"mailto:o@b.c"}',
    ],
    [
      'agent anywhere',
      { context: { instructor: { openid: 'https://id.example/x' } } },
      () => 'related_agents=true&agent={"openid":"https://id.example/x"}',
    ],
    [
      'activity anywhere',
      { context: { contextActivities: { parent: course } } },
      () => `related_activities=true&activity=${course.id}`,
    ],
    [
      'registration',
      { context: { registration: '0193A1B2-0000-7000-8000-000000000000' } },
      () => 'registration=0193a1b2-0000-7000-8000-000000000000',
    ],
  ];

  test.each(cases)('%s', async (_name, changes, query) => {
    const ids = await post(statements(2, changes));
    await post(statements(2));
    expect(idsOf(await page(`?${query(ids)}`)).sort()).toEqual([...ids].sort());
  });

  test('agent is the actor, the object or a member of them, and nobody else', async () => {
    const [homePage, name] = ['urn:home', 'o\'hara \\ "é" {agent:String}'];
    const own = { account: { homePage, name } };
    const other = { mbox: 'mailto:other@example.org' };
    const sha1 = { mbox_sha1sum: 'ABCDEF0123456789ABCDEF0123456789ABCDEF01' };
    const group = (...member: unknown[]) => ({ objectType: 'Group', member });
    const beyond = JSON.stringify(statement({ actor: group(own) }));
    const found = await post([
      statement({ actor: other, object: { objectType: 'Agent', ...own } }),
      statement({ actor: own, object: { objectType: 'Agent', ...other } }),
      statement({ actor: group(other, own) }),
      statement({ actor: other, object: group(own) }),
      statement({ actor: other, object: { objectType: 'Group', ...own, member: [sha1] } }),
    ]);
    expect(
      (await client.post(beyond.replace('{', '{"result":{"extensions":{"urn:x:y":1e400}},'))).status,
    ).toBe(200);
    const context = { instructor: own, team: group(own) };
    await post([
      statement({ actor: other, object: { objectType: 'Agent', ...sha1 }, context }),
      statement({ actor: group(other), context }),
      statement({
        actor: other,
        object: { objectType: 'SubStatement', actor: own, verb: { id: 'urn:x:y' }, object: course },
      }),
    ]);
    const agent = (who: unknown) =>
      `?limit=0&ascending=true&agent=${encodeURIComponent(JSON.stringify(who))}`;
    expect(idsOf(await page(agent(own)))).toEqual([...found, (JSON.parse(beyond) as { id: string }).id]);
    expect(idsOf(await page(agent(sha1)))).toHaveLength(2);
    expect(idsOf(await page(`${agent(own)}&related_agents=true`))).toHaveLength(9);
  });

  test('since excludes its instant, until includes it, to the microsecond', async () => {
    const ids = await post(statements(3, { verb: { id: 'urn:verb:times' } }));
    const all = await page('?verb=urn:verb:times&ascending=true');
    const [first, second] = all.statements;
    expect(idsOf(all)).toEqual(ids);
    expect(idsOf(await page(`?verb=urn:verb:times&ascending=true&since=${first?.stored}`))).toEqual(
      ids.slice(1),
    );
    expect(idsOf(await page(`?verb=urn:verb:times&ascending=true&until=${second?.stored}`))).toEqual(
      ids.slice(0, 2),
    );
  });

  test('an account that is only part of another does not match', async () => {
    await post([statement({ actor: { account: { homePage: 'urn:home', name: 'abc' } } })]);
    expect(idsOf(await page('?agent={"account":{"homePage":"urn:home","name":"ab"}}'))).toEqual([]);
  });
});

describe('pages', () => {
  test('go on where the last ended, newest first, though more arrives meanwhile', async () => {
    const ids = await post(statements(7, { verb: { id: 'urn:verb:paged' } }));
    const seen: string[] = [];
    let next = await page('?verb=urn:verb:paged&limit=3');
    for (;;) {
      seen.push(...idsOf(next));
      if (next.more === '') break;
      expect(next.more).toMatch(/^\/xapi\/statements\?more=/);
      await post(statements(1, { verb: { id: 'urn:verb:paged' } }));
      next = await page(next.more.slice('/xapi/statements'.length));
    }
    expect(seen).toEqual([...ids].reverse());
  });

  test('that are complete have an empty more', async () => {
    await post(statements(2, { verb: { id: 'urn:verb:two' } }));
    expect((await page('?verb=urn:verb:two&limit=2')).more).toBe('');
    expect((await page('?verb=urn:verb:none')).statements).toEqual([]);
  });

  test('end at about 4 MiB, and hold one statement at least', async () => {
    const verb = { id: 'urn:verb:large' };
    const ids: string[] = [];
    for (const response of ['b', 'x'.repeat(2_500_000), 'y'.repeat(2_500_000), 'z'.repeat(2_500_000)])
      ids.push(...(await post([statement({ verb, result: { response } })])));
    const first = await page('?verb=urn:verb:large&ascending=true&limit=0');
    expect(idsOf(first)).toEqual(ids.slice(0, 3));
    const second = await page(first.more.slice('/xapi/statements'.length));
    expect([idsOf(second), second.more]).toEqual([ids.slice(3), '']);
    const one = await page('?verb=urn:verb:large&limit=1');
    expect(idsOf(one)).toEqual(ids.slice(3));
  });

  test.each([
    ['a zone without a colon', 'since=2020-01-01T00:00%2B0100'],
    ['a comma before the fraction', 'until=2100-01-01T00:00:00,5'],
    ['midnight as 24:00', 'since=1999-12-31T24:00:00Z'],
    ['a UUID of no known version', 'registration=ffffffff-ffff-ffff-ffff-ffffffffffff'],
    ['a long IRI', `activity=urn:long:${'x'.repeat(5_000)}`],
  ])('go on with the same filter: %s', async (_name, parameter) => {
    const changes = {
      verb: { id: 'urn:verb:more' },
      object: { id: `urn:long:${'x'.repeat(5_000)}` },
      context: { registration: 'ffffffff-ffff-ffff-ffff-ffffffffffff' },
    };
    const ids = ['00000000-0000-0000-f000-', 'ffffffff-0000-0000-0000-'].map(
      (start) => `${start}${randomUUID().slice(-12)}`,
    );
    await post(ids.map((id) => statement({ ...changes, id })));
    const first = await page(`?verb=urn:verb:more&limit=1&ascending=true&${parameter}`);
    expect(first.more).not.toBe('');
    expect((await page(first.more.slice('/xapi/statements'.length))).statements).toHaveLength(1);
  });

  test.each(['?more=x', '?more=', `?more=${btoa('{"filter":{},"limit":1e9}')}`])(
    'are refused for %s',
    async (query) => {
      expect((await client.get(query)).status).toBe(400);
    },
  );
});

describe('an organisation sees its own statements only', () => {
  test('by id, by filter, by a cursor of another', async () => {
    const other = await lrs.client('org_b');
    const [id] = await post(statements(3, { verb: { id: 'urn:verb:tenant' } }));
    expect((await other.get(`?statementId=${String(id)}`)).status).toBe(404);
    expect((await page('?verb=urn:verb:tenant', other)).statements).toEqual([]);
    const { more } = await page('?verb=urn:verb:tenant&limit=1');
    const { status, body } = await other.get(more.slice('/xapi/statements'.length));
    expect([status, body.error.code]).toEqual([400, 'BAD_PARAMETER']);
    expect((await page('', other)).statements).toEqual([]);
  });

  test('the same id in two organisations is two statements', async () => {
    const other = await lrs.client('org_b');
    const own = statement({ result: { response: 'a' } });
    await post([own]);
    await other.post({ ...own, result: { response: 'b' } });
    await eventually(async () => {
      expect(JSON.parse((await other.get(`?statementId=${String(own['id'])}`)).text)).toMatchObject({
        result: { response: 'b' },
      });
    });
    expect(JSON.parse((await client.get(`?statementId=${String(own['id'])}`)).text)).toMatchObject({
      result: { response: 'a' },
    });
  });

  test('a key with statements/read/mine sees what it brought', async () => {
    const mine = await lrs.client('org_a', ['statements/read/mine', 'statements/write']);
    const [foreign] = await post(statements(1, { verb: { id: 'urn:verb:mine' } }));
    const [own] = await post(statements(1, { verb: { id: 'urn:verb:mine' } }), mine);
    expect(idsOf(await page('?verb=urn:verb:mine', mine))).toEqual([own]);
    expect((await mine.get(`?statementId=${String(foreign)}`)).status).toBe(404);
    expect((await mine.get(`?statementId=${String(own)}`)).status).toBe(200);
  });
});

describe('the answer', () => {
  test('to HEAD has the headers of GET and no body', async () => {
    const head = await client.send('HEAD', '/xapi/statements?limit=1');
    expect([head.status, head.text]).toEqual([200, '']);
    expect(Number(head.headers.get('content-length'))).toBeGreaterThan(10);
  });

  test('says up to when it is complete, and that is true', async () => {
    const batch = statements(50, { verb: { id: 'urn:verb:through' } });
    const before = Date.now();
    await client.post(batch);
    await eventually(async () => {
      const { headers, body } = await client.get('?verb=urn:verb:through&limit=0');
      const found = (body as unknown as Page).statements.length;
      const through = new Date(headers.get('x-experience-api-consistent-through') ?? '').getTime();
      // As soon as it names an instant after the batch, the batch is there.
      if (through > before + 1000) expect(found).toBe(50);
      expect(through).toBeGreaterThan(before + 1000);
    });
  });

  test.each([
    'Verb=urn:x:y',
    'verb=x',
    'verb=urn:x:y&verb=urn:x:y',
    'limit=-1',
    'limit=a',
    'ascending=yes',
    'agent={"mbox":"x"}',
    'agent=1',
    'agent={"objectType":"Group","member":[]}',
    'since=yesterday',
    'registration=1',
    'format=whole',
    'statementId=0193a1b2-0000-7000-8000-000000000000&limit=1',
  ])('to %s is 400', async (query) => {
    const { status, body } = await client.get(`?${query}`);
    expect([status, body.error.code]).toEqual([400, 'BAD_PARAMETER']);
  });
});
