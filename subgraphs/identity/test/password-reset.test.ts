import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { linksIn } from '@lyceum/mail';
import { graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { codesOf, letLinksExpire, requestReset, reset, verify } from './kit/account-flows.ts';
import {
  logIn,
  runIdentity,
  tryLogIn,
  type Organisation,
  type RunningIdentity,
  type Tokens,
} from './kit/identity.ts';
import { mailsTo, newestMail, subjectOf, tokenIn, untilMailed } from './kit/mailbox.ts';
import { sql } from './kit/sql.ts';
import { askForToken, exchangeOf } from './kit/token-endpoint.ts';

let identity: RunningIdentity;
let visitor: GraphQLClient;
let school: Organisation;
let college: Organisation;
let email: string;
let people = 0;

beforeAll(async () => {
  identity = await runIdentity();
  visitor = graphqlClient(identity.url);
  school = await identity.organisation('school');
  college = await identity.organisation('college');
});
afterAll(() => identity.stop());
beforeEach(async () => {
  email = `forgetful-${(people += 1)}@lyceum.example`;
  await add(school, 'the school password');
});

async function add({ admin }: Organisation, password?: string): Promise<void> {
  const input = { name: 'Ada', email, ...(password === undefined ? {} : { password }) };
  const { data } = await admin<{ userCreate: { userErrors: unknown[] } }>(
    'mutation ($input: UserCreateInput!) { userCreate(input: $input) { userErrors { code } } }',
    { input },
  );
  expect(data.userCreate.userErrors).toEqual([]);
}

async function isRefreshed({ refreshToken }: Tokens): Promise<boolean> {
  const { data } = await visitor<{ sessionRefresh: { tokens: object | null } }>(
    'mutation ($token: String!) { sessionRefresh(input: { refreshToken: $token }) { tokens { accessToken } } }',
    { token: refreshToken },
  );
  return data.sessionRefresh.tokens !== null;
}

const mailedToken = async (count = 1) => {
  await requestReset(visitor, { email });
  return tokenIn(await newestMail(identity, email, count));
};

describe('who has forgotten their password', () => {
  test('sets a new one through the link that is mailed; the old one and all sessions are over, and they are told', async () => {
    const session = await logIn(visitor, email, 'the school password');
    expect(await requestReset(visitor, { email: ` ${email.toUpperCase()}` })).toEqual({
      email,
      userErrors: [],
    });
    const mail = await newestMail(identity, email);
    expect(subjectOf(mail)).toBe('A new password');
    expect(linksIn(mail)).toEqual([expect.stringMatching(/\/account\/reset-password#token=lya_\w{49}$/)]);
    expect(await reset(visitor, tokenIn(mail), 'a new password')).toEqual({
      organisation: 'school',
      userErrors: [],
    });
    expect((await tryLogIn(visitor, { email, password: 'the school password' })).tokens).toBeNull();
    await logIn(visitor, email, 'a new password');
    expect(await isRefreshed(session)).toBe(false);
    const note = await newestMail(identity, email, 2);
    expect(subjectOf(note)).toBe('Your password at school was changed');
    expect(linksIn(note)).toEqual(['http://localhost:4000/account/forgot-password']);
  });

  test('gets a link for each organisation, each good for that one alone', async () => {
    await add(college, 'the college password');
    await requestReset(visitor, { email, locale: 'fr' });
    const mail = await newestMail(identity, email);
    expect(subjectOf(mail)).toBe('Un nouveau mot de passe');
    expect(linksIn(mail)).toHaveLength(2);
    const names = [...mail.text.matchAll(/^(school|college):$/gm)].map(([, name]) => name);
    const place = names.indexOf('college');
    const answer = await reset(visitor, tokenIn(mail, place), 'a new password');
    expect(answer).toEqual({ organisation: 'college', userErrors: [] });
    await logIn(visitor, email, 'a new password', 'college');
    await logIn(visitor, email, 'the school password', 'school');
    const other = await reset(visitor, tokenIn(mail, 1 - place), 'another password');
    expect(other.organisation).toBe('school');
  });

  test('may name the organisation', async () => {
    await add(college, 'the college password');
    await requestReset(visitor, { email, organisation: 'college' });
    const mail = await newestMail(identity, email);
    expect(linksIn(mail)).toHaveLength(1);
    expect(await reset(visitor, tokenIn(mail), 'a new password')).toMatchObject({ organisation: 'college' });
  });

  test('has none yet, where an administrator gave them none, and sets their first', async () => {
    email = `without-${email}`;
    await add(school);
    expect(codesOf(await reset(visitor, await mailedToken(), 'my first password'))).toEqual([]);
    await logIn(visitor, email, 'my first password');
  });

  test('is mailed five times an hour at most', async () => {
    await Promise.all(Array.from({ length: 7 }, () => requestReset(visitor, { email })));
    await untilMailed(identity, email, 5);
    expect(await sql(identity.databaseUrl, 'SELECT 1 FROM mail WHERE recipient = $1', [email])).toHaveLength(
      5,
    );
  });
});

describe('nobody learns whether an address has an account', () => {
  test('by the answer or its time', async () => {
    const timed = async (input: { email: string; organisation?: string }) => {
      const started = performance.now();
      const answer = await requestReset(visitor, input);
      return { answer, ms: performance.now() - started };
    };
    const stranger = `no-${email}`;
    for (const input of [{ email }, { email: stranger }, { email, organisation: 'college' }]) {
      const { answer, ms } = await timed(input);
      expect(answer).toEqual({ email: input.email, userErrors: [] });
      expect(ms).toBeGreaterThanOrEqual(395);
    }
    expect(mailsTo(identity, stranger)).toEqual([]);
    await untilMailed(identity, email, 1);
  });
});

test('a personal access token that somebody made with the password before ends with it', async () => {
  const { accessToken } = await logIn(visitor, email, 'the school password');
  const { data } = await graphqlClient(identity.url, accessToken)<{
    personalAccessTokenCreate: { secret: string };
  }>(
    `mutation ($expiresAt: DateTime!) {
      personalAccessTokenCreate(input: { name: "To stay in", permissions: ["course.read"], expiresAt: $expiresAt }) {
        secret
      }
    }`,
    { expiresAt: new Date(Date.now() + 86_400_000).toISOString() },
  );
  const { secret } = data.personalAccessTokenCreate;
  expect((await askForToken(identity, exchangeOf(secret))).status).toBe(200);
  await requestReset(visitor, { email });
  // The first mail tells of the personal access token.
  await reset(visitor, tokenIn(await newestMail(identity, email, 2)), 'a new password');
  expect((await askForToken(identity, exchangeOf(secret))).status).toBe(400);
});

describe('a link', () => {
  test('is good once, also where it is used twice at the same time', async () => {
    const token = await mailedToken();
    const wanted = ['the first password', 'the second password', 'the third password'];
    const answers = await Promise.all(wanted.map((each) => reset(visitor, token, each)));
    expect(answers.flatMap(codesOf)).toEqual(['TOKEN_REFUSED', 'TOKEN_REFUSED']);
    expect(codesOf(await reset(visitor, token, 'a new password'))).toEqual(['TOKEN_REFUSED']);
    await logIn(visitor, email, wanted[answers.findIndex(({ organisation }) => organisation === 'school')]);
  });

  test('expires, and then is not kept', async () => {
    const token = await mailedToken();
    await letLinksExpire(identity.databaseUrl, email);
    expect(codesOf(await reset(visitor, token, 'a new password'))).toEqual(['TOKEN_REFUSED']);
    await sql(
      identity.databaseUrl,
      `UPDATE account_token SET expires_at = now() - interval '25 hours' WHERE email = $1`,
      [email],
    );
    await mailedToken(2);
    expect(
      await sql(identity.databaseUrl, 'SELECT 1 FROM account_token WHERE email = $1', [email]),
    ).toHaveLength(1);
  });

  test('is void once the password was changed, in whichever way', async () => {
    const [first, second] = [await mailedToken(1), await mailedToken(2)];
    expect(codesOf(await reset(visitor, second, 'a new password'))).toEqual([]);
    expect(codesOf(await reset(visitor, first, 'another password'))).toEqual(['TOKEN_REFUSED']);
    const third = await mailedToken(4);
    const { accessToken } = await logIn(visitor, email, 'a new password');
    await graphqlClient(identity.url, accessToken)(
      'mutation ($input: PasswordChangeInput!) { passwordChange(input: $input) { userErrors { code } } }',
      { input: { currentPassword: 'a new password', newPassword: 'my own password' } },
    );
    expect(subjectOf(await newestMail(identity, email, 5))).toBe('Your password at school was changed');
    expect(codesOf(await reset(visitor, third, 'another password'))).toEqual(['TOKEN_REFUSED']);
    await logIn(visitor, email, 'my own password');
  });

  test('is void for who was taken out of the organisation', async () => {
    const token = await mailedToken();
    const { data } = await school.admin<{ users: { nodes: { id: string }[] } }>(
      'query ($of: String!) { users(first: 1, filter: { search: $of }) { nodes { id } } }',
      { of: email },
    );
    await school.admin('mutation ($id: ID!) { membershipRemove(input: { userId: $id }) { userId } }', {
      id: data.users.nodes[0]?.id,
    });
    expect(codesOf(await reset(visitor, token, 'a new password'))).toEqual(['TOKEN_REFUSED']);
    await requestReset(visitor, { email });
    expect(await sql(identity.databaseUrl, 'SELECT 1 FROM mail WHERE recipient = $1', [email])).toHaveLength(
      1,
    );
  });

  test('is good for what it was made for alone', async () => {
    const token = await mailedToken();
    expect(codesOf(await verify(visitor, token, 'the school password'))).toEqual(['TOKEN_REFUSED']);
    expect(codesOf(await reset(visitor, token, 'a new password'))).toEqual([]);
  });

  test('is not spent by a password that can’t be taken', async () => {
    const token = await mailedToken();
    for (const password of ['short', 'x'.repeat(257)]) {
      expect(await reset(visitor, token, password)).toMatchObject({
        userErrors: [{ field: ['input', 'newPassword'], code: 'INVALID' }],
      });
    }
    expect(codesOf(await reset(visitor, token, 'a new password'))).toEqual([]);
  });
});

test('a new password, and that it was asked for, is in the audit log', async () => {
  await reset(visitor, await mailedToken(), 'a new password');
  const { data } = await school.admin<{ auditEvents: { nodes: object[] } }>(
    '{ auditEvents(first: 2) { nodes { act outcome actorKind changes { field } } } }',
  );
  expect(data.auditEvents.nodes).toEqual([
    { act: 'password.reset', outcome: 'DONE', actorKind: 'VISITOR', changes: [] },
    { act: 'password.reset.request', outcome: 'DONE', actorKind: 'VISITOR', changes: [] },
  ]);
});
