import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import type { GraphQLClient } from '@lyceum/testing';
import { runIdentity, type RunningIdentity } from './kit/identity.ts';
import { newSlug, onPlatform, type Platform } from './kit/platform.ts';

let identity: RunningIdentity;
let platform: GraphQLClient;
let create: Platform['create'];
let school: Platform['school'];

beforeAll(async () => {
  identity = await runIdentity();
  ({ platform, create, school } = await onPlatform(identity));
});
afterAll(() => identity.stop());

describe('the list of organisations', () => {
  interface Listed {
    organisations: {
      nodes: { name: string; state: string }[];
      totalCount: number;
      pageInfo: { endCursor: string; startCursor: string; hasNextPage: boolean };
    };
  }
  const list = async (variables: object) => {
    const { data, errors } = await platform<Listed>(
      `query ($filter: OrganisationFilter, $orderBy: OrganisationOrder, $first: Int, $after: String, $last: Int, $before: String) {
        organisations(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
          nodes { name state } totalCount pageInfo { endCursor startCursor hasNextPage }
        }
      }`,
      { orderBy: { field: 'NAME' }, ...variables },
    );
    if (errors) throw new Error(errors[0]!.message);
    return data.organisations;
  };

  test('is searched, filtered, ordered and walked in both directions', async () => {
    const word = `Word${newId('x').slice(-8)}`;
    for (const name of [`École ${word}`, `Zoo ${word}`, `Apple ${word}`])
      await create(platform, { slug: newSlug(), name });
    const filter = { search: word.toUpperCase() };
    const names = ({ nodes }: Listed['organisations']) => nodes.map(({ name }) => name.split(' ')[0]);
    const first = await list({ filter, first: 2 });
    expect([names(first), first.totalCount, first.pageInfo.hasNextPage]).toEqual([
      ['Apple', 'École'],
      3,
      true,
    ]);
    const rest = await list({ filter, first: 2, after: first.pageInfo.endCursor });
    expect(names(rest)).toEqual(['Zoo']);
    expect(names(await list({ filter, last: 2, before: rest.pageInfo.startCursor }))).toEqual([
      'Apple',
      'École',
    ]);
    const newest = { field: 'CREATED_AT', direction: 'DESC' };
    expect(names(await list({ filter, orderBy: newest }))).toEqual(['Apple', 'Zoo', 'École']);
    expect(names(await list({ filter: { search: `ecole ${word}` } }))).toEqual(['École']);
    expect(names(await list({ filter: { ...filter, state: 'SUSPENDED' } }))).toEqual([]);
    expect(names(await list({ filter: { search: `%${word.slice(0, 2)}_` } }))).toEqual([]);
    await expect(list({ filter, orderBy: newest, after: first.pageInfo.endCursor })).rejects.toThrow(
      /not a cursor/,
    );
  });

  test('shows each to the platform alone', async () => {
    const [one, other] = [await school(), await school()];
    const query =
      'query ($id: ID!) { organisation(id: $id) { name plan { people { used limit } apiClients { used } lrsKeys { used } } } }';
    const plan = { people: { used: 1, limit: null }, apiClients: { used: 0 }, lrsKeys: { used: 0 } };
    expect((await platform(query, { id: one.id })).data).toEqual({
      organisation: { name: 'A School', plan },
    });
    expect((await other.head(query, { id: one.id })).errors).toMatchObject([
      { extensions: { code: 'NOT_FOUND' } },
    ]);
    expect((await one.head(query, { id: one.id })).data).toMatchObject({ organisation: { plan } });
  });
});
