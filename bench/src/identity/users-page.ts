import type { GraphQLClient } from '@lyceum/testing';
import type { Client } from 'pg';
import { endingAll } from '../ending/ending.ts';
import { fillPeople } from './fill-people.ts';
import type { Options } from './options.ts';
import type { Finding } from './part.ts';
import { runIdentity } from './running-identity.ts';
import { percentile, timed } from './times.ts';

const size = 100;
const repetitions = 100;

/** The arguments of `users`, and those of the same page in SQL. */
interface PageQuery {
  readonly name: string;
  readonly what: string;
  readonly arguments: { first?: number; after?: string; last?: number; before?: string };
  readonly sql: { readonly backward: boolean; readonly beyond?: Place };
}

/** Where a person stands by name. */
type Place = readonly [nameKey: string, userId: string];

interface Users {
  readonly nodes: readonly { id: string }[];
  readonly pageInfo: { readonly startCursor: string; readonly endCursor: string };
}

/** Pages of a hundred people at either end of a large organisation, each asked for from either side. */
export function measureUsersPage({ users }: Options): Promise<Finding[]> {
  return endingAll(async (endLater) => {
    const { database, askAsAdmin } = await runIdentity(endLater);
    await fillPeople(database, { people: users, prefix: 'person' });
    const findings: Finding[] = [];
    for (const query of await pagesOf(askAsAdmin, database))
      findings.push(...(await compare(query, askAsAdmin, database, users)));
    return findings;
  });
}

async function pagesOf(ask: GraphQLClient, database: Client): Promise<PageQuery[]> {
  const first = await usersOf(ask, { first: size });
  const last = await usersOf(ask, { last: size });
  // To come to the same pages from the other side, from the neighbour that is not on them.
  const afterFirst = await usersOf(ask, { first: 1, after: first.pageInfo.endCursor });
  const beforeLast = await usersOf(ask, { last: 1, before: last.pageInfo.startCursor });
  const placeOf = async ({ nodes: [node] }: Users) => namePlace(database, node?.id ?? '');
  return [
    { name: 'first', what: 'first page', arguments: { first: size }, sql: { backward: false } },
    {
      name: 'firstBackward',
      what: 'first page, backward',
      arguments: { last: size, before: afterFirst.pageInfo.startCursor },
      sql: { backward: true, beyond: await placeOf(afterFirst) },
    },
    {
      name: 'lastForward',
      what: 'last page, forward',
      arguments: { first: size, after: beforeLast.pageInfo.endCursor },
      sql: { backward: false, beyond: await placeOf(beforeLast) },
    },
    { name: 'last', what: 'last page', arguments: { last: size }, sql: { backward: true } },
  ];
}

async function namePlace(database: Client, userId: string): Promise<Place> {
  const { rows } = await database.query<{ key: string }>(
    'SELECT name_key AS key FROM membership WHERE user_id = $1',
    [userId],
  );
  return [rows[0]?.key ?? '', userId];
}

async function compare(
  query: PageQuery,
  ask: GraphQLClient,
  database: Client,
  users: number,
): Promise<Finding[]> {
  const taken = { lyceum: [] as number[], bare: [] as number[] };
  const bare = bareQuery(query.sql);
  for (let turn = -10; turn < repetitions; turn += 1) {
    const lyceum = await timed(() => usersOf(ask, query.arguments));
    const sql = await timed(() => database.query(bare));
    // The first ten warm up, and are not counted.
    if (turn < 0) continue;
    taken.lyceum.push(lyceum);
    taken.bare.push(sql);
  }
  const what = `${query.what}, of ${users} users`;
  const at = (who: keyof typeof taken, share: number) => percentile(taken[who], share);
  return [
    {
      name: `users.${query.name}.ms`,
      what: `${what}, ms`,
      measured: at('lyceum', 0.5),
      bare: at('bare', 0.5),
      target: '< 20',
    },
    {
      name: `users.${query.name}.p95.ms`,
      what: `${what}, p95 ms`,
      measured: at('lyceum', 0.95),
      bare: at('bare', 0.95),
    },
  ];
}

async function usersOf(ask: GraphQLClient, of: PageQuery['arguments']): Promise<Users> {
  const { data, errors } = await ask<{ users: Users }>(
    `query ($first: Int, $after: String, $last: Int, $before: String) {
      users(first: $first, after: $after, last: $last, before: $before) {
        nodes { id name email roles createdAt }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }`,
    { ...of },
  );
  if (errors) throw new Error(JSON.stringify(errors));
  return data.users;
}

/** The rows of a page, and the one beyond that says whether there are more. */
function bareQuery({ backward, beyond }: PageQuery['sql']): { text: string; values: unknown[] } {
  const [direction, side] = backward ? ['DESC', '<'] : ['ASC', '>'];
  const condition = beyond ? `AND (name_key, user_id) ${side} ($1, $2)` : '';
  const text = `
    SELECT user_id, name, email, roles, created_at FROM membership
    WHERE organisation_id = (SELECT id FROM organisation) AND roles <> '{}' ${condition}
    ORDER BY name_key ${direction}, user_id ${direction} LIMIT ${size + 1}`;
  return { text, values: beyond ? [...beyond] : [] };
}
