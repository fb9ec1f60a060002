import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { serverAudits } from 'graphql-http';
import { request } from 'undici';
import { startGateway, type TestGateway } from './kit/gateway.ts';
import { startSchool, type School } from './kit/school.ts';

const friend = 'https://app.example.org';

let school: School;
let gateway: TestGateway;

beforeAll(async () => {
  school = await startSchool();
  gateway = await startGateway(school.all, { allowedOrigins: [friend] });
});

afterAll(async () => {
  await gateway.stop();
  await school.stop();
});

describe('graphql-http’s audit of GraphQL over HTTP', () => {
  const audits = serverAudits({ url: () => gateway.url, fetchFn: fetch });

  test('has the cases that it had', () => {
    expect(audits).toHaveLength(61);
  });

  test.each(audits.map((audit) => [`${audit.id} ${audit.name}`, audit] as const))(
    '%s',
    async (_name, audit) => {
      const result = await audit.fn();
      expect(result).toMatchObject({ status: 'ok' });
    },
  );
});

describe('a GET of a query', () => {
  const get = async (headers: Record<string, string>) => {
    const {
      statusCode,
      headers: answered,
      body,
    } = await request(`${gateway.url}?query={courses{title}}`, { headers });
    const text = await body.text();
    return { status: statusCode, text, allowed: answered['access-control-allow-origin'] };
  };
  const host = () => new URL(gateway.url).host;

  test.each([
    ['a page of its own origin', { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' }],
    [
      'a page of an allowed origin',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors', origin: friend },
    ],
    ['a page of an allowed origin, in a browser that says no more', { origin: friend }],
    ['a program whose fetch names no site', { 'sec-fetch-mode': 'cors' }],
    ['a program that says what it sends', { 'content-type': 'application/json' }],
    ['a page that had to ask before', { 'sec-fetch-site': 'cross-site', 'apollo-require-preflight': '1' }],
  ])('is answered to %s', async (_name, headers) => {
    const { status, text } = await get(headers);
    expect(status).toBe(200);
    expect(text).toContain('Algebra');
  });

  test('is answered to a page of its own origin in a browser that names that alone', async () => {
    expect(await get({ origin: `http://${host()}` })).toMatchObject({ status: 200 });
  });

  test.each([
    [
      'an image on any page',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', accept: 'image/*' },
    ],
    [
      'a script of another origin',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors', origin: 'https://foe.example.org' },
    ],
    ['a page of another host of the site', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' }],
    ['a link from outside', { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }],
    ['a script of another origin, in a browser that says no more', { origin: 'https://foe.example.org' }],
    ['a page without an origin', { origin: 'null' }],
    ['a name that only begins like an allowed one', { origin: `${friend}.foe.example` }],
    ['a browser that says nothing', {}],
    ['a form', { 'content-type': 'text/plain' }],
    ['a program that claims another origin', { origin: 'https://foe.example.org', 'sec-fetch-mode': 'cors' }],
  ])('is refused to %s, before anything is asked', async (_name, headers) => {
    school.courses.received.length = 0;
    expect(await get(headers)).toMatchObject({ status: 400, text: expect.stringContaining('CSRF') });
    expect(school.courses.received).toEqual([]);
  });

  test('tells a browser which pages may read it', async () => {
    expect((await get({ origin: friend })).allowed).toBe(friend);
    expect(
      (await get({ origin: 'https://foe.example.org', 'apollo-require-preflight': '1' })).allowed,
    ).toBeUndefined();
  });

  test('of a mutation is never answered', async () => {
    const url = `${gateway.url}?query=mutation{rename(id:"ada",name:"x"){id}}`;
    const { statusCode } = await request(url, { headers: { 'sec-fetch-site': 'same-origin' } });
    expect(statusCode).toBe(405);
  });
});

describe('a preflight', () => {
  const ask = async (origin: string) => {
    const { statusCode, headers } = await request(gateway.url, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      },
    });
    return { statusCode, headers };
  };

  test('of an allowed origin says what it may send', async () => {
    const { statusCode, headers } = await ask(friend);
    expect({ statusCode, headers }).toMatchObject({
      statusCode: 204,
      headers: {
        'access-control-allow-origin': friend,
        'access-control-allow-methods': 'GET, POST',
        'access-control-allow-headers': expect.stringContaining('authorization'),
        vary: 'Origin',
      },
    });
  });

  test('of another is refused', async () => {
    const { statusCode, headers } = await ask('https://foe.example.org');
    expect(statusCode).toBe(403);
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });
});

describe('to a client that accepts application/json alone', () => {
  const statusOf = async (query: string, accept = 'application/json') =>
    (await gateway.query(query, { headers: { accept } })).status;

  test('a fault of the operation is 200, what is refused keeps its status', async () => {
    expect(await statusOf('{ nothing }')).toBe(200);
    expect(await statusOf('query A { whoami } query B { whoami }')).toBe(200);
    const deep = `{ person(id: "ada") { ${'friends(first: 1) { '.repeat(12)} id ${'} '.repeat(12)} } }`;
    expect(await statusOf(deep)).toBe(400);
  });

  test('and to others it is 400', async () => {
    expect(await statusOf('{ nothing }', 'application/graphql-response+json, application/json;q=0.9')).toBe(
      400,
    );
    expect(await statusOf('{ nothing }', '*/*')).toBe(400);
  });
});
