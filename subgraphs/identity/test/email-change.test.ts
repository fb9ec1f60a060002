import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { linksIn } from '@lyceum/mail';
import { graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { decodeJwt } from 'jose';
import {
  askForAddress,
  codesOf,
  confirmAddress,
  letLinksExpire,
  requestReset,
  reset,
} from './kit/account-flows.ts';
import { logIn, runIdentity, tryLogIn, type Organisation, type RunningIdentity } from './kit/identity.ts';
import { mailsTo, newestMail, subjectOf, tokenIn, untilMailed } from './kit/mailbox.ts';
import { publishedEvents } from './kit/published-events.ts';
import { sql } from './kit/sql.ts';

let identity: RunningIdentity;
let visitor: GraphQLClient;
let school: Organisation;
let email: string;
let newEmail: string;
let ask: GraphQLClient;
let userId: string;
let people = 0;
const password = 'the school password';

beforeAll(async () => {
  identity = await runIdentity();
  visitor = graphqlClient(identity.url);
  school = await identity.organisation('school');
});
afterAll(() => identity.stop());
beforeEach(async () => {
  people += 1;
  [email, newEmail] = [`old-${people}@lyceum.example`, `new-${people}@lyceum.example`];
  await add(school, email, password);
  const { accessToken } = await logIn(visitor, email, password);
  ask = graphqlClient(identity.url, accessToken);
  userId = decodeJwt(accessToken).sub ?? '';
});

async function add({ admin }: Organisation, address: string, given: string): Promise<void> {
  const input = { name: 'Ada', email: address, password: given };
  await admin('mutation ($input: UserCreateInput!) { userCreate(input: $input) { user { id } } }', { input });
}

/** Asked for, with the token that was mailed to the new address. */
async function asked(): Promise<string> {
  expect(await askForAddress(ask, newEmail, password)).toEqual({ email: newEmail, userErrors: [] });
  return tokenIn(await newestMail(identity, newEmail));
}

const changed = { changed: true, userErrors: [] };

describe('a change of the address', () => {
  test('is made by the link to the new one; the old one is told before and after', async () => {
    const token = await asked();
    const before = await newestMail(identity, email);
    expect(subjectOf(before)).toBe('Your address is to be changed');
    expect(linksIn(before)).toEqual([]);
    expect(before.text).not.toContain(newEmail);
    await logIn(visitor, email, password);
    expect(await confirmAddress(visitor, token)).toEqual(changed);
    await logIn(visitor, newEmail, password);
    expect((await tryLogIn(visitor, { email, password })).tokens).toBeNull();
    const after = await newestMail(identity, email, 2);
    expect(subjectOf(after)).toBe('Your address was changed');
    expect(linksIn(after)).toEqual([]);
    await publishedEvents(identity, (events) => {
      const told = events.filter(({ type, subject }) => type === 'user.updated' && subject === userId);
      expect(told).toMatchObject([
        { data: { user: { id: userId, email: newEmail, emailVerified: true, revision: 2 } } },
      ]);
    });
  });

  test('voids the links to a new password that the old address was mailed', async () => {
    await requestReset(visitor, { email });
    const old = tokenIn(await newestMail(identity, email));
    await confirmAddress(visitor, await asked());
    expect(codesOf(await reset(visitor, old, 'a new password'))).toEqual(['TOKEN_REFUSED']);
  });

  test('is made once, also by two uses at the same time', async () => {
    const token = await asked();
    const answers = await Promise.all([1, 2, 3].map(() => confirmAddress(visitor, token)));
    expect(answers.flatMap(codesOf)).toEqual(['TOKEN_REFUSED', 'TOKEN_REFUSED']);
    await untilMailed(identity, email, 2);
  });

  test('asked for again voids the link before; an old link expires', async () => {
    const first = await asked();
    const [firstWanted] = [newEmail];
    newEmail = `newer-${newEmail}`;
    const second = await asked();
    expect(codesOf(await confirmAddress(visitor, first))).toEqual(['TOKEN_REFUSED']);
    await letLinksExpire(identity.databaseUrl, newEmail);
    expect(codesOf(await confirmAddress(visitor, second))).toEqual(['TOKEN_REFUSED']);
    expect(firstWanted).not.toBe(newEmail);
    await logIn(visitor, email, password);
  });

  test('ends with the password with which it was asked for, by either way to another one', async () => {
    const askedFor = await asked();
    const change = `mutation { passwordChange(input: {
      currentPassword: ${JSON.stringify(password)}, newPassword: "that no thief knows" }) { userErrors { code } } }`;
    expect((await ask(change)).data).toEqual({ passwordChange: { userErrors: [] } });
    expect(codesOf(await confirmAddress(visitor, askedFor))).toEqual(['TOKEN_REFUSED']);
    newEmail = `newer-${newEmail}`;
    expect(codesOf(await askForAddress(ask, newEmail, 'that no thief knows'))).toEqual([]);
    const askedAgain = tokenIn(await newestMail(identity, newEmail));
    await requestReset(visitor, { email });
    // Twice that a change is asked for, and once that the password was changed, came before.
    const link = tokenIn(await newestMail(identity, email, 4));
    expect(codesOf(await reset(visitor, link, 'that no thief knows either'))).toEqual([]);
    expect(codesOf(await confirmAddress(visitor, askedAgain))).toEqual(['TOKEN_REFUSED']);
    await logIn(visitor, email, 'that no thief knows either');
  });

  test('to one that another account took meanwhile is refused, and changes nothing', async () => {
    const token = await asked();
    await add(school, newEmail, 'of somebody else');
    expect(codesOf(await confirmAddress(visitor, token))).toEqual(['EMAIL_TAKEN']);
    await logIn(visitor, email, password);
    await logIn(visitor, newEmail, 'of somebody else');
  });

  test('of two accounts to one address is made for one', async () => {
    const other = `other-${email}`;
    await add(school, other, 'of the other');
    const { accessToken } = await logIn(visitor, other, 'of the other');
    const first = await asked();
    await askForAddress(graphqlClient(identity.url, accessToken), newEmail, 'of the other');
    const second = tokenIn(await newestMail(identity, newEmail, 2));
    const answers = await Promise.all([confirmAddress(visitor, first), confirmAddress(visitor, second)]);
    expect(answers.flatMap(codesOf)).toEqual(['EMAIL_TAKEN']);
  });
});

describe('who asks for an address', () => {
  test('does not learn whether it has an account: its owner does', async () => {
    const other = `other-${email}`;
    await add(school, other, 'of the other');
    expect(await askForAddress(ask, other, password)).toEqual({ email: other, userErrors: [] });
    const note = await newestMail(identity, other);
    expect(subjectOf(note)).toBe('This address has an account of its own');
    expect(linksIn(note)).toEqual([]);
    await untilMailed(identity, email, 1);
  });

  test.each([
    [
      'who does not know the password',
      () => [newEmail, 'another password'],
      'currentPassword',
      'CREDENTIALS_REFUSED',
    ],
    ['the same address', () => [` ${email.toUpperCase()}`, password], 'newEmail', 'INVALID'],
    ['no address', () => ['ada at school', password], 'newEmail', 'INVALID'],
    ['U+0000', () => ['a\u0000@school.example', password], 'newEmail', 'INVALID'],
    ['a long one', () => [`${'x'.repeat(250)}@school.example`, password], 'newEmail', 'INVALID'],
  ] as const)('is refused: %s', async (_case, given, field, code) => {
    const [address = '', current = ''] = given();
    expect(await askForAddress(ask, address, current)).toMatchObject({
      userErrors: [{ field: ['input', field], code }],
    });
    expect(mailsTo(identity, newEmail)).toEqual([]);
  });

  test('is nobody who is not logged in', async () => {
    await expect(askForAddress(visitor, newEmail, password)).rejects.toThrow('UNAUTHENTICATED');
  });

  test('makes five mails an hour go there at most', async () => {
    for (let times = 0; times < 7; times += 1) await askForAddress(ask, newEmail, password);
    await untilMailed(identity, newEmail, 5);
    expect(
      await sql(identity.databaseUrl, 'SELECT 1 FROM mail WHERE recipient = $1', [newEmail]),
    ).toHaveLength(5);
  });
});

describe('an account of several organisations', () => {
  let college: Organisation;
  beforeAll(async () => {
    college = await identity.organisation('college');
  });

  /** The links to the new address and to the old one. */
  async function bothAsked(): Promise<[string, string]> {
    const token = await asked();
    return [token, tokenIn(await newestMail(identity, email))];
  }

  test('changes its address once both agree, in whichever order', async () => {
    await add(college, email, 'the college password');
    const [toNew, toOld] = await bothAsked();
    expect(await confirmAddress(visitor, toNew)).toEqual({ changed: false, userErrors: [] });
    expect((await tryLogIn(visitor, { email: newEmail, password })).tokens).toBeNull();
    expect(codesOf(await confirmAddress(visitor, toNew))).toEqual(['TOKEN_REFUSED']);
    expect(await confirmAddress(visitor, toOld)).toEqual(changed);
    await logIn(visitor, newEmail, password);
    await logIn(visitor, newEmail, 'the college password');
  });

  test('changes it also where both agree at the same time', async () => {
    await add(college, email, 'the college password');
    const answers = await Promise.all((await bothAsked()).map((token) => confirmAddress(visitor, token)));
    expect(answers.map((answer) => answer.changed).sort()).toEqual([false, true]);
    await logIn(visitor, newEmail, password);
  });

  test('is not taken over by an administrator of one, who knows the password there', async () => {
    const victim = `victim-${email}`;
    await add(college, victim, 'the college password');
    await add(school, victim, 'of the administrator');
    const { accessToken } = await logIn(visitor, victim, 'of the administrator');
    await askForAddress(graphqlClient(identity.url, accessToken), newEmail, 'of the administrator');
    const token = tokenIn(await newestMail(identity, newEmail));
    expect(await confirmAddress(visitor, token)).toEqual({ changed: false, userErrors: [] });
    await requestReset(visitor, { email: newEmail });
    expect(await untilMailed(identity, newEmail, 1)).toHaveLength(1);
    await logIn(visitor, victim, 'the college password');
  });

  test('that it was not yet when it asked does not change its address by the one link', async () => {
    const token = await asked();
    await add(college, email, 'the college password');
    expect(codesOf(await confirmAddress(visitor, token))).toEqual(['TOKEN_REFUSED']);
    await logIn(visitor, email, password);
  });
});

test('a change of the address is in the audit log, and who asked for it without the password', async () => {
  await askForAddress(ask, newEmail, 'another password');
  await confirmAddress(visitor, await asked());
  const { data } = await school.admin<{ auditEvents: { nodes: object[] } }>(
    '{ auditEvents(first: 3) { nodes { act outcome subjectId changes { field } } } }',
  );
  const changes = [{ field: 'email' }];
  expect(data.auditEvents.nodes).toEqual([
    { act: 'email.change', outcome: 'DONE', subjectId: userId, changes },
    { act: 'email.change.request', outcome: 'DONE', subjectId: userId, changes },
    { act: 'email.change.request', outcome: 'REFUSED', subjectId: userId, changes: [] },
  ]);
});
