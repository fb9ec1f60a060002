import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { decodeJwt } from 'jose';
import { act } from './kit/acting.ts';
import { runIdentity, tryLogIn, withStore, type Organisation, type RunningIdentity } from './kit/identity.ts';
import { askForToken, exchangeOf } from './kit/token-endpoint.ts';
import {
  inNorth,
  inSouth,
  northAndSouth,
  outcome,
  switchTo,
  type NorthAndSouth,
} from './kit/north-and-south.ts';

let identity: RunningIdentity;
let visitor: GraphQLClient;
let north: Organisation;
let south: Organisation;
let here: NorthAndSouth['here'];
let person: NorthAndSouth['person'];
let trusted: NorthAndSouth['trusted'];

beforeAll(async () => {
  identity = await runIdentity();
  ({ visitor, north, south, here, person, trusted } = await northAndSouth(identity));
});
afterAll(() => identity.stop());

describe('going over to another organisation', () => {
  test('asks for its password once, makes a session there, and leaves the one that asks', async () => {
    const { ask, id } = await person();
    expect(await outcome(ask, 'south')).toBe('PASSWORD_NEEDED');
    const { tokens } = await switchTo(ask, 'south', inSouth);
    expect(decodeJwt(tokens!.accessToken)).toMatchObject({
      sub: id,
      org: south.id,
      roles: ['LEARNER'],
      amr: ['pwd'],
    });
    const there = graphqlClient(identity.url, tokens!.accessToken);
    expect((await there('{ viewer { organisation { slug } } }')).data).toEqual({
      viewer: { organisation: { slug: 'south' } },
    });
    expect(await outcome(ask, 'south')).toBe(`in ${south.id}`);
    expect((await ask('{ viewer { organisation { slug } sessions { totalCount } } }')).data).toEqual({
      viewer: { organisation: { slug: 'north' }, sessions: { totalCount: 1 } },
    });
  });

  test('leads one way: the way back asks for itself', async () => {
    const { ask } = await trusted();
    const { tokens } = await switchTo(ask, 'south');
    const there = graphqlClient(identity.url, tokens!.accessToken);
    expect(await outcome(there, 'north')).toBe('PASSWORD_NEEDED');
    expect(await outcome(there, 'north', inNorth)).toBe(`in ${north.id}`);
    expect(await outcome(there, 'north')).toBe(`in ${north.id}`);
  });

  test('is refused alike with a wrong password, where one does not belong, and where there is nothing', async () => {
    const { ask } = await person();
    await identity.organisation('elsewhere');
    for (const slug of ['south', 'elsewhere', 'nowhere']) {
      const wrong = await switchTo(ask, slug, 'not the password');
      const none = await switchTo(ask, slug);
      expect([wrong, none]).toEqual([
        {
          tokens: null,
          challenge: null,
          userErrors: [
            {
              code: 'CREDENTIALS_REFUSED',
              field: ['input', 'password'],
              message: 'The organisation and the password do not belong together.',
            },
          ],
        },
        {
          tokens: null,
          challenge: null,
          userErrors: [
            {
              code: 'PASSWORD_NEEDED',
              field: ['input', 'password'],
              message: 'Give the password with which you log in to that organisation.',
            },
          ],
        },
      ]);
    }
    expect(await outcome(ask, 'north', inNorth)).toBe('CONFLICT');
  });

  test('is guessed at no more often than a login, and together with it', async () => {
    const { ask, email } = await person();
    const told: string[] = [];
    for (let guess = 1; guess <= 4; guess += 1) {
      told.push(await outcome(ask, 'south', `guess ${guess}`));
      const { userErrors } = await tryLogIn(visitor, {
        email,
        password: `other ${guess}`,
        organisation: 'south',
      });
      told.push(userErrors[0]!.code);
    }
    expect(told.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => 'CREDENTIALS_REFUSED'));
    expect(told).toContain('TOO_MANY_ATTEMPTS');
  });

  test('is for people who logged in: not for their programs, nor with a login that has ended', async () => {
    const { ask } = await trusted();
    const secret = await act<{ secret: string }>(
      ask,
      'personalAccessTokenCreate',
      { name: 'Q', permissions: ['LEARNER'], expiresAt: new Date(Date.now() + 3_600_000).toISOString() },
      'secret',
    );
    const program = graphqlClient(identity.url, await exchanged(secret.secret));
    await expect(switchTo(program, 'south')).rejects.toThrow(/a login/);
    expect((await program('{ viewer { organisations { slug } } }')).data).toEqual({
      viewer: { organisations: [{ slug: 'north' }] },
    });
    await act(ask, 'sessionRevoke', {}, 'sessionId');
    await expect(switchTo(ask, 'south')).rejects.toThrow(/log/i);
    await expect(switchTo(ask, 'south', inSouth)).rejects.toThrow(/log/i);
  });

  test('is in the log of both, of which neither names the other', async () => {
    const { ask, id } = await person();
    await switchTo(ask, 'south', 'not the password');
    await switchTo(ask, 'south', inSouth);
    const acts = async ({ admin }: Organisation) => {
      const { data } = await admin<{
        auditEvents: { nodes: { act: string; outcome: string; actor: { id: string } | null }[] };
      }>(
        `query ($id: ID!) {
          auditEvents(first: 100, filter: { actorId: $id }) { nodes { act outcome changes { after } subjectId } }
        }`,
        { id },
      );
      return JSON.stringify(data.auditEvents.nodes);
    };
    const [left, entered] = [await acts(north), await acts(south)];
    expect(left).toContain('"act":"session.switch","outcome":"DONE"');
    expect(left).toContain('"act":"session.switch","outcome":"REFUSED"');
    expect(entered).toContain('"act":"session.create","outcome":"DONE"');
    expect(entered).toContain('"act":"session.create","outcome":"REFUSED"');
    expect(left).not.toMatch(new RegExp(`${south.id}|south`));
    expect(entered).not.toMatch(new RegExp(`${north.id}|north`));
  });

  test('works for several at once, to and fro', async () => {
    const { ask, email } = await trusted();
    const back = await here(email, 'south');
    await outcome(back.ask, 'north', inNorth);
    const all = await Promise.all(
      Array.from({ length: 6 }, (_none, place) =>
        place % 2 ? outcome(ask, 'south') : outcome(back.ask, 'north'),
      ),
    );
    expect(new Set(all)).toEqual(new Set([`in ${south.id}`, `in ${north.id}`]));
  });
});

async function exchanged(secret: string): Promise<string> {
  const { body } = await askForToken(identity, exchangeOf(secret));
  return body.access_token;
}

test('a person is shown the organisations into which they can go over, and no others', async () => {
  const { ask } = await person();
  const list = async () =>
    (
      await ask<{ viewer: { organisations: { slug: string }[] } }>(
        '{ viewer { organisations { name slug logoUrl } } }',
      )
    ).data.viewer.organisations.map(({ slug }) => slug);
  expect(await list()).toEqual(['north']);
  await switchTo(ask, 'south', inSouth);
  expect(await list()).toEqual(['north', 'south']);
  await withStore(identity.databaseUrl, ({ organisations }) => organisations.updateSuspended(south.id, true));
  try {
    expect(await list()).toEqual(['north']);
    expect(await outcome(ask, 'south', inSouth)).toBe('CREDENTIALS_REFUSED');
  } finally {
    await withStore(identity.databaseUrl, ({ organisations }) =>
      organisations.updateSuspended(south.id, false),
    );
  }
});
