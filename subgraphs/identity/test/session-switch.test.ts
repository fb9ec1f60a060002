import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import { graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { decodeJwt } from 'jose';
import { register, requestReset, reset, setRegistration, verify } from './kit/account-flows.ts';
import { act, type Acted } from './kit/acting.ts';
import {
  logIn,
  runIdentity,
  tryLogIn,
  withStore,
  type Organisation,
  type RunningIdentity,
  type Tokens,
} from './kit/identity.ts';
import { mailsTo, newestMail, tokenIn } from './kit/mailbox.ts';
import { answer, codeOf, setUpTotp, wrongCode, type Challenge } from './kit/second-factor.ts';
import { sql } from './kit/sql.ts';
import { askForToken, exchangeOf } from './kit/token-endpoint.ts';

let identity: RunningIdentity;
let visitor: GraphQLClient;
let north: Organisation;
let south: Organisation;

beforeAll(async () => {
  identity = await runIdentity();
  visitor = graphqlClient(identity.url);
  north = await identity.organisation('north');
  south = await identity.organisation('south');
  for (const { admin } of [north, south]) await setRegistration(admin, 'OPEN');
});
afterAll(() => identity.stop());

const inNorth = 'a word of the north';
const inSouth = 'a word of the south';

interface Switched {
  tokens: Tokens | null;
  challenge: Challenge | null;
}

const switchTo = (client: GraphQLClient, organisation: string, password?: string): Promise<Acted<Switched>> =>
  act<Switched>(
    client,
    'sessionSwitch',
    { organisation, password },
    'tokens { accessToken refreshToken expiresAt } challenge { token kind methods expiresAt passkeyOptions }',
  );

const codes = ({ userErrors }: Acted<unknown>) => userErrors.map(({ code }) => code);

/** What became of a switch, in a word. */
async function outcome(client: GraphQLClient, organisation: string, password?: string): Promise<string> {
  const answered = await switchTo(client, organisation, password);
  if (answered.tokens) return `in ${String(decodeJwt(answered.tokens.accessToken)['org'])}`;
  return answered.challenge?.kind ?? codes(answered).join();
}

async function join(organisation: string, email: string, password: string): Promise<void> {
  const before = mailsTo(identity, email).length;
  await register(visitor, { organisation, name: organisation, email, password });
  const token = tokenIn(await newestMail(identity, email, before + 1));
  expect(await verify(visitor, token, password)).toMatchObject({ userErrors: [] });
}

/** Somebody who registered with both, logged in to the north. */
async function person() {
  const email = `${newId('person')}@people.example`;
  await join('north', email, inNorth);
  await join('south', email, inSouth);
  return { email, ...(await here(email)) };
}

async function here(email: string, organisation: 'north' | 'south' = 'north') {
  const password = organisation === 'north' ? inNorth : inSouth;
  const { accessToken } = await logIn(visitor, email, password, organisation);
  return {
    ask: graphqlClient(identity.url, accessToken),
    id: decodeJwt(accessToken).sub!,
    sessionId: String(decodeJwt(accessToken)['sid']),
  };
}

/** The same, who has shown how they log in to the south. */
async function trusted() {
  const somebody = await person();
  expect(await outcome(somebody.ask, 'south', inSouth)).toBe(`in ${south.id}`);
  expect(await outcome(somebody.ask, 'south')).toBe(`in ${south.id}`);
  return somebody;
}

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

describe('what was shown once counts no more', () => {
  const needed = 'PASSWORD_NEEDED';

  test('after 30 days', async () => {
    const { ask, id } = await trusted();
    const [row] = await sql<{ days: number }>(
      identity.databaseUrl,
      'SELECT round(extract(epoch FROM expires_at - now()) / 86400)::int AS days FROM membership_trust WHERE user_id = $1',
      [id],
    );
    expect(row!.days).toBe(30);
    await sql(identity.databaseUrl, 'UPDATE membership_trust SET expires_at = now() WHERE user_id = $1', [
      id,
    ]);
    expect(await outcome(ask, 'south')).toBe(needed);
  });

  test('where the password of the one or the other is another since', async () => {
    for (const [organisation, current] of [
      ['north', inNorth],
      ['south', inSouth],
    ] as const) {
      const { ask, email } = await trusted();
      const { ask: there } = await here(email, organisation);
      const change = { currentPassword: current, newPassword: 'quite another one' };
      await act(organisation === 'north' ? ask : there, 'passwordChange', change, 'endedSessions');
      expect([organisation, await outcome(ask, 'south')]).toEqual([organisation, needed]);
    }
  });

  test('where the password was reset by mail', async () => {
    const { ask, email } = await trusted();
    const before = mailsTo(identity, email).length;
    await requestReset(visitor, { email, organisation: 'south' });
    await reset(visitor, tokenIn(await newestMail(identity, email, before + 1)), 'quite another one');
    expect(await outcome(ask, 'south')).toBe(needed);
  });

  test('where a second factor came or went, here or there, by the person or an administrator', async () => {
    for (const organisation of ['north', 'south'] as const) {
      const { ask, email, id } = await trusted();
      const { ask: there } = await here(email, organisation);
      const [client, password] = organisation === 'north' ? [ask, inNorth] : [there, inSouth];
      await setUpTotp(client, password);
      expect([organisation, await outcome(ask, 'south')]).toEqual([organisation, needed]);
      if (organisation === 'south') continue;
      // Here the session that set it up goes on.
      expect(await outcome(ask, 'south', inSouth)).toBe(`in ${south.id}`);
      expect(await outcome(ask, 'south')).toBe(`in ${south.id}`);
      await sql(identity.databaseUrl, 'DELETE FROM totp WHERE user_id = $1', [id]);
      expect(await outcome(ask, 'south')).toBe(needed);
    }
  });

  test.each(['membershipRemove', 'userDeactivate'])(
    'where a membership was ended by %s, also when it is back',
    async (end) => {
      for (const organisation of [north, south]) {
        const { ask, id, email } = await trusted();
        const fields = end === 'membershipRemove' ? 'userId' : 'user { id }';
        await act(organisation.admin, end, { userId: id }, fields);
        if (organisation === south) expect(await outcome(ask, 'south')).toBe(needed);
        else await expect(switchTo(ask, 'south')).rejects.toThrow(/log/i);
        if (end === 'membershipRemove')
          await act(
            organisation.admin,
            'membershipUpdate',
            { userId: id, roles: ['LEARNER'] },
            'user { id }',
          );
        else await act(organisation.admin, 'userReactivate', { userId: id }, 'user { id }');
        const again = await here(email);
        expect([organisation.slug, await outcome(again.ask, 'south')]).toEqual([organisation.slug, needed]);
      }
    },
  );
});

describe('a second factor of the other organisation', () => {
  test('is asked for each time; the password is not, once both were shown', async () => {
    const { ask, email } = await person();
    const { ask: there } = await here(email, 'south');
    const { secret, recoveryCodes } = await setUpTotp(there, inSouth);
    const first = await switchTo(ask, 'south', inSouth);
    expect(first).toMatchObject({
      tokens: null,
      challenge: { kind: 'SECOND_FACTOR', methods: ['TOTP', 'RECOVERY_CODE'] },
    });
    // Half of it is not enough.
    expect(await outcome(ask, 'south')).toBe('PASSWORD_NEEDED');
    expect(await answer(visitor, first.challenge!.token, { totp: wrongCode(secret) })).toMatchObject({
      tokens: null,
    });
    const { tokens } = await answer(visitor, first.challenge!.token, { totp: codeOf(secret, 1) });
    expect(decodeJwt(tokens!.accessToken)).toMatchObject({ org: south.id, amr: ['pwd', 'otp', 'mfa'] });
    const second = await switchTo(ask, 'south');
    expect(second.challenge?.kind).toBe('SECOND_FACTOR');
    const proof = { recoveryCode: recoveryCodes[0]! };
    expect(
      decodeJwt((await answer(visitor, second.challenge!.token, proof)).tokens!.accessToken),
    ).toMatchObject({ org: south.id });
  });

  test('completed after the login that asked has ended, leads nowhere the next time', async () => {
    const { ask, email } = await person();
    const { ask: there } = await here(email, 'south');
    const { secret } = await setUpTotp(there, inSouth);
    const { challenge } = await switchTo(ask, 'south', inSouth);
    await act(ask, 'sessionRevoke', {}, 'sessionId');
    expect((await answer(visitor, challenge!.token, { totp: codeOf(secret, 1) })).tokens).not.toBeNull();
    expect(await outcome((await here(email)).ask, 'south')).toBe('PASSWORD_NEEDED');
  });

  test('that the other organisation requires is set up on the way', async () => {
    const strict = await identity.organisation('strict');
    await setRegistration(strict.admin, 'OPEN');
    const { ask, email } = await person();
    await join('strict', email, 'a strict word');
    await sql(identity.databaseUrl, 'UPDATE organisation SET second_factor_required = true WHERE id = $1', [
      strict.id,
    ]);
    expect(await outcome(ask, 'strict', 'a strict word')).toBe('ENROLMENT');
  });
});

describe('a login that somebody else can make', () => {
  test('with a password that an administrator chose, asks each time and is told of no other organisation', async () => {
    const email = `${newId('entered')}@people.example`;
    const input = { name: 'Entered', email, password: inNorth };
    const { user } = await act<{ user: { id: string } }>(north.admin, 'userCreate', input, 'user { id }');
    await join('south', email, inSouth);
    const { ask } = await here(email);
    expect(await outcome(ask, 'south', inSouth)).toBe(`in ${south.id}`);
    expect(await outcome(ask, 'south')).toBe('PASSWORD_NEEDED');
    expect((await ask('{ viewer { organisations { slug } } }')).data).toEqual({
      viewer: { organisations: [{ slug: 'north' }] },
    });
    // Their own since, it leads on.
    const change = { currentPassword: inNorth, newPassword: 'quite another one' };
    await act(ask, 'passwordChange', change, 'endedSessions');
    expect(await outcome(ask, 'south', inSouth)).toBe(`in ${south.id}`);
    expect(await outcome(ask, 'south')).toBe(`in ${south.id}`);
    expect(user.id).toBeTruthy();
  });

  test('by a provider of single sign-on, asks each time', async () => {
    const { ask, id } = await trusted();
    const [row] = await sql<{ sid: string }>(
      identity.databaseUrl,
      `UPDATE session SET methods = '{fed}' WHERE user_id = $1 AND organisation_id = $2 RETURNING id AS sid`,
      [id, north.id],
    );
    expect(row!.sid).toBeTruthy();
    expect(await outcome(ask, 'south')).toBe('PASSWORD_NEEDED');
    expect(await outcome(ask, 'south', inSouth)).toBe(`in ${south.id}`);
    expect(await outcome(ask, 'south')).toBe('PASSWORD_NEEDED');
  });
});

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
