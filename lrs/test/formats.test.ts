import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { keep, page } from './kit/reading.ts';
import { startLrs, type Lrs } from './kit/lrs.ts';
import { statement } from './kit/statements.ts';
import type { XapiClient } from './kit/xapi-client.ts';

let lrs: Lrs;
let client: XapiClient;

beforeAll(async () => {
  lrs = await startLrs();
  client = await lrs.client('org_a');
}, 60_000);
afterAll(() => lrs.stop());

async function read(id: unknown, format: string, headers: Record<string, string> = {}): Promise<string> {
  const query = `/xapi/statements?statementId=${String(id)}&format=${format}`;
  const { status, text } = await client.send('GET', query, { headers });
  expect(status).toBe(200);
  return text;
}

const definition = {
  name: { 'en-US': 'Fox \u{1F98A}', de: 'Füchse', und: 'Vulpes' },
  description: { 'en-US': 'A fox', de: 'Ein Fuchs' },
  interactionType: 'choice',
  choices: [
    { id: 'a', description: { de: 'Ja', 'en-US': 'Yes' } },
    { id: 'b', description: { de: 'Nein' } },
  ],
};

function full(activity: string): Record<string, unknown> {
  return statement({
    actor: { objectType: 'Group', name: 'Team', member: [{ name: 'Ada', mbox: 'mailto:ada@example.org' }] },
    verb: { id: 'urn:verb:saw', display: { 'en-US': 'saw', de: 'sah' } },
    object: { objectType: 'Activity', id: activity, definition },
    context: {
      instructor: { name: 'Bo', account: { homePage: 'urn:home', name: 'bo' } },
      team: {
        objectType: 'Group',
        name: 'T',
        mbox: 'mailto:t@example.org',
        member: [{ mbox: 'mailto:u@example.org' }],
      },
      contextActivities: { parent: [{ id: `${activity}/parent`, definition: { name: { de: 'Eltern' } } }] },
      extensions: { 'urn:x:name': { name: 'stays' } },
    },
  });
}

describe('format ids', () => {
  test('has what identifies, and all that is no agent, activity, verb or group', async () => {
    const sent = full(`urn:activity:${randomUUID()}`);
    await keep(lrs, client, [sent]);
    const { id } = sent['object'] as { id: string };
    expect(JSON.parse(await read(sent['id'], 'ids'))).toMatchObject({
      id: sent['id'],
      actor: { objectType: 'Group', member: [{ mbox: 'mailto:ada@example.org' }] },
      verb: { id: 'urn:verb:saw' },
      object: { id },
      context: {
        instructor: { account: { homePage: 'urn:home', name: 'bo' } },
        team: { objectType: 'Group', mbox: 'mailto:t@example.org' },
        contextActivities: { parent: [{ id: `${id}/parent` }] },
        extensions: { 'urn:x:name': { name: 'stays' } },
      },
    });
    const text = await read(sent['id'], 'ids');
    expect(text).not.toMatch(/definition|display|"Ada"|"Bo"|"Team"|u@example/);
  });
});

test('context activities are lists in every format, also where one came by itself', async () => {
  const contextActivities = { category: { id: 'urn:category:1' }, other: [{ id: 'urn:other:1' }] };
  const { actor } = statement();
  const object = {
    objectType: 'SubStatement',
    actor,
    verb: { id: 'urn:verb:x' },
    object: { id: 'urn:x:y' },
    context: { contextActivities },
  };
  const sent = statement({ object, context: { contextActivities } });
  await keep(lrs, client, [sent]);
  const lists = { contextActivities: { ...contextActivities, category: [contextActivities.category] } };
  for (const format of ['exact', 'ids', 'canonical'])
    expect(JSON.parse(await read(sent['id'], format))).toMatchObject({
      context: lists,
      object: { context: lists },
    });
});

describe('format canonical', () => {
  test.each([
    ['de', 'Füchse', 'sah', 'Ja'],
    ['de-AT', 'Füchse', 'sah', 'Ja'],
    ['de-AT, en;q=0.5', 'Fox \u{1F98A}', 'saw', 'Yes'],
    ['en', 'Fox \u{1F98A}', 'saw', 'Yes'],
    ['en;q=0.2, de;q=0.8', 'Füchse', 'sah', 'Ja'],
    ['*;q=0.1, en-US;q=0', 'Füchse', 'sah', 'Ja'],
    ['fr', 'Vulpes', 'saw', 'Ja'],
    ['*', 'Füchse', 'saw', 'Ja'],
    ['!, ;q=, en-US', 'Fox \u{1F98A}', 'saw', 'Yes'],
  ])('for Accept-Language %j has one language of each map', async (language, name, verb, choice) => {
    const sent = full(`urn:activity:${randomUUID()}`);
    await keep(lrs, client, [sent]);
    const got = JSON.parse(await read(sent['id'], 'canonical', { 'accept-language': language })) as {
      verb: { display: object };
      object: { definition: { name: object; choices: { description: object }[] } };
      actor: object;
    };
    expect(Object.values(got.object.definition.name)).toEqual([name]);
    expect(Object.values(got.verb.display)).toEqual([verb]);
    expect(
      got.object.definition.choices.flatMap(({ description }) => Object.values(description) as string[]),
    ).toEqual([choice, 'Nein']);
    expect(got.actor).toEqual(sent['actor']);
  });

  test('has the merged definition, of an activity of which the statement has none too', async () => {
    const id = `urn:activity:${randomUUID()}`;
    const named = (own: Record<string, unknown>) => statement({ object: { id, definition: own } });
    await keep(lrs, client, [
      named({ name: { en: 'Old', de: 'Alt' }, type: 'urn:type:a' }),
      named({ name: { en: 'New' }, extensions: { 'urn:x:y': 1 } }),
    ]);
    const bare = statement({ object: { id }, context: { contextActivities: { other: { id } } } });
    await keep(lrs, client, [bare]);
    const expected = { name: { en: 'New' }, type: 'urn:type:a', extensions: { 'urn:x:y': 1 } };
    const got = JSON.parse(await read(bare['id'], 'canonical', { 'accept-language': 'en' })) as {
      object: unknown;
      context: { contextActivities: { other: unknown } };
    };
    expect(got.object).toEqual({ id, definition: expected });
    expect(got.context.contextActivities.other).toEqual([{ id, definition: expected }]);
  });

  test('goes on in more', async () => {
    const id = `urn:activity:${randomUUID()}`;
    await keep(lrs, client, [full(id), full(id)]);
    const { more } = await page(client, `?activity=${id}&limit=1&format=ids`);
    expect(JSON.stringify(await page(client, more))).not.toContain('Vulpes');
  });
});

test('format exact has the client’s own bytes in strings and numbers', async () => {
  const id = randomUUID();
  const score = '{"raw":1.0e2,"max":100.000000000000000001,"min":-0.0}';
  const extensions = `{"urn:x:big":123456789012345678901234567890.10,"urn:x:tiny":1E-400,"urn:x:text":"\\u00e9 \\/ é \u{1F98A} \\ud83e\\udd8a \\t \u2028","urn:x:half":"\\ud800"}`;
  const sent = `{"id":"${id}","actor":{"mbox":"mailto:a@b.c"},"verb":{"id":"urn:x:y"},"object":{"id":"urn:x:z"},"result":{"score":${score},"extensions":${extensions}}}`;
  expect((await client.post(sent)).status).toBe(200);
  await keep(lrs, client, [statement()]);
  const text = await read(id, 'exact');
  expect(text.startsWith(sent.slice(0, -1))).toBe(true);
  expect(await read(id, 'ids')).toContain(extensions);
  expect(await read(id, 'canonical')).toContain(extensions);
});

describe('/xapi/activities', () => {
  const activity = (id: string, reader = client) =>
    reader.send('GET', `/xapi/activities?activityId=${encodeURIComponent(id)}`);

  test('is the latest of each part, with the client’s own numbers', async () => {
    const id = `urn:activity:${randomUUID()}?a='b'\u{e9}`;
    const first = JSON.stringify(
      statement({ object: { id, definition: { ...definition, extensions: { 'urn:x:n': 0 } } } }),
    );
    await client.post(first.replace('"urn:x:n":0', '"urn:x:n":12345678901234567890.10'));
    await keep(lrs, client, [
      statement({ object: { id, definition: { name: { de: 'Fuchs' }, interactionType: 'other' } } }),
    ]);
    const { status, body, text } = await activity(id);
    expect(status).toBe(200);
    expect(body).toEqual({
      objectType: 'Activity',
      id,
      definition: {
        name: { ...definition.name, de: 'Fuchs' },
        description: definition.description,
        interactionType: 'other',
        extensions: { 'urn:x:n': Number('12345678901234567890') },
      },
    });
    expect(text).toContain('12345678901234567890.10');
  });

  test('has what the request before said', async () => {
    const id = `urn:activity:${randomUUID()}`;
    await client.post(statement({ object: { id, definition } }));
    expect((await activity(id)).body).toEqual({ objectType: 'Activity', id, definition });
  });

  test('what is said again after something else was said stays', async () => {
    const id = `urn:activity:${randomUUID()}`;
    for (const en of ['one', 'two', 'one'])
      await keep(lrs, client, [statement({ object: { id, definition: { name: { en } } } })]);
    expect((await activity(id)).body).toMatchObject({ definition: { name: { en: 'one' } } });
  });

  test('that nobody has defined is its id, and so it is in another organisation', async () => {
    const other = await lrs.client('org_b');
    const id = `urn:activity:${randomUUID()}`;
    await keep(lrs, client, [statement({ object: { id, definition } })]);
    expect((await activity(id, other)).body).toEqual({ objectType: 'Activity', id });
  });

  test('is not defined by a key that may not define', async () => {
    const writer = await lrs.client('org_a', ['statements/write', 'statements/read']);
    const id = `urn:activity:${randomUUID()}`;
    await keep(lrs, writer, [statement({ object: { id, definition } })]);
    expect((await activity(id, writer)).body).toEqual({ objectType: 'Activity', id });
  });

  test.each([
    '',
    '?activityId=x',
    '?activityId=urn:a:b&activityid=urn:a:b',
    '?activityId=urn:a:b&activityId=urn:a:c',
  ])('for %j is 400', async (query) => {
    expect((await client.send('GET', `/xapi/activities${query}`)).status).toBe(400);
  });

  test('is 403 to a key that reads its own only', async () => {
    const mine = await lrs.client('org_a', ['statements/read/mine', 'statements/write']);
    expect((await activity('urn:a:b', mine)).status).toBe(403);
  });
});

describe('/xapi/agents', () => {
  const person = (agent: unknown, reader = client) =>
    reader.send('GET', `/xapi/agents?agent=${encodeURIComponent(JSON.stringify(agent))}`);

  test('is a Person with all names, the latest first', async () => {
    const mbox = `mailto:${randomUUID()}@example.org`;
    for (const name of ['Ada', 'Ada Lovelace \u{1F98A}', 'Ada'])
      await keep(lrs, client, [statement({ context: { instructor: { name, mbox } } })]);
    const { status, body } = await person({ mbox });
    expect([status, body]).toEqual([
      200,
      { objectType: 'Person', name: ['Ada', 'Ada Lovelace \u{1F98A}'], mbox: [mbox] },
    ]);
    const other = await lrs.client('org_b');
    expect((await person({ mbox }, other)).body).toEqual({ objectType: 'Person', mbox: [mbox] });
  });

  test('of half a surrogate pair in a name does not stop ingest', async () => {
    const account = { homePage: 'urn:home', name: randomUUID() };
    const sent = JSON.stringify(statement({ actor: { name: 'half', account } }));
    expect((await client.post(sent.replace('"half"', '"\\ud800"'))).status).toBe(200);
    await keep(lrs, client, [statement()]);
    expect((await person({ account })).body).toMatchObject({ name: ['\ufffd'], account: [account] });
  });

  test.each(['', '?agent=x', '?agent={}', '?agent={"objectType":"Group","mbox":"mailto:a@b.c"}'])(
    'for %j is 400',
    async (query) => {
      expect((await client.send('GET', `/xapi/agents${query}`)).status).toBe(400);
    },
  );
});
