import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { linksIn } from '@lyceum/mail';
import { graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { decodeJwt } from 'jose';
import {
  accept,
  codesOf,
  invite,
  letLinksExpire,
  resend,
  revoke,
  setRegistration,
  verify,
  type Invitation,
} from './kit/account-flows.ts';
import { logIn, runIdentity, type Organisation, type RunningIdentity } from './kit/identity.ts';
import { newestMail, subjectOf, tokenIn, untilMailed } from './kit/mailbox.ts';
import { sql } from './kit/sql.ts';

let identity: RunningIdentity;
let visitor: GraphQLClient;
let school: Organisation;
let email: string;
let guests = 0;

beforeAll(async () => {
  identity = await runIdentity();
  visitor = graphqlClient(identity.url);
  school = await identity.organisation('school');
});
afterAll(() => identity.stop());
beforeEach(async () => {
  email = `guest-${(guests += 1)}@lyceum.example`;
  await setRegistration(school.admin, 'BY_INVITATION');
});

const password = 'chosen by myself';

async function invited(input: { roles?: string[] } = {}): Promise<{ invitation: Invitation; token: string }> {
  const { invitation, userErrors } = await invite(school.admin, { email, ...input });
  expect(userErrors).toEqual([]);
  return { invitation: invitation!, token: tokenIn(await newestMail(identity, email)) };
}

const stateOf = async ({ id }: Pick<Invitation, 'id'>) => {
  const { data } = await school.admin<{ invitations: { nodes: Invitation[] } }>(
    '{ invitations(last: 100) { nodes { id state } } }',
  );
  return data.invitations.nodes.find((each) => each.id === id)?.state;
};

describe('who is invited', () => {
  test('joins with the roles of the invitation, a name and a password of their own', async () => {
    const { invitation, userErrors } = await invite(school.admin, {
      email: ` ${email.toUpperCase()}`,
      roles: ['INSTRUCTOR', 'AUTHOR', 'INSTRUCTOR'],
      locale: 'de',
    });
    expect(userErrors).toEqual([]);
    expect(invitation).toMatchObject({ email, roles: ['INSTRUCTOR', 'AUTHOR'], state: 'PENDING' });
    const mail = await newestMail(identity, email);
    expect(subjectOf(mail)).toBe('school lädt Sie ein');
    expect(mail.text).toContain('Somebody Else lädt Sie ein');
    expect(linksIn(mail)[0]).toContain('/account/invitation#token=');
    expect(await accept(visitor, tokenIn(mail), 'Ada', password)).toEqual({
      organisation: 'school',
      email,
      userErrors: [],
    });
    const { accessToken } = await logIn(visitor, email, password);
    expect(decodeJwt(accessToken)).toMatchObject({ org: school.id, roles: ['INSTRUCTOR', 'AUTHOR'] });
    expect(await stateOf(invitation!)).toBe('ACCEPTED');
  });

  test('keeps the account that they have elsewhere', async () => {
    const other = await identity.organisation('other');
    const input = { name: 'Elsewhere', email, password: 'the password elsewhere' };
    await other.admin('mutation ($input: UserCreateInput!) { userCreate(input: $input) { user { id } } }', {
      input,
    });
    const { token } = await invited();
    expect(codesOf(await accept(visitor, token, 'Here', password))).toEqual([]);
    const [here, there] = await Promise.all(
      [password, 'the password elsewhere'].map(async (each) =>
        decodeJwt((await logIn(visitor, email, each)).accessToken),
      ),
    );
    expect(here?.sub).toBe(there?.sub);
    expect([here?.['org'], there?.['org']]).toEqual([school.id, other.id]);
  });

  test('joins once, also where they accept twice at the same time', async () => {
    const { token } = await invited();
    const answers = await Promise.all([1, 2, 3].map(() => accept(visitor, token, 'Ada', password)));
    expect(answers.flatMap(codesOf)).toEqual(['TOKEN_REFUSED', 'TOKEN_REFUSED']);
  });

  test.each([
    ['name', '', password],
    ['name', 'A\u0000da', password],
    ['password', 'Ada', 'short'],
    ['password', 'Ada', 'x'.repeat(257)],
  ])('with a faulty %s joins not, and may try again', async (field, name, given) => {
    const { token } = await invited();
    expect(await accept(visitor, token, name, given)).toMatchObject({
      userErrors: [{ field: ['input', field], code: 'INVALID' }],
    });
    expect(codesOf(await accept(visitor, token, 'Ada', password))).toEqual([]);
  });
});

describe('an invitation', () => {
  test('expires, and is renewed by another mail, whose link is the only one that is good', async () => {
    const { invitation, token } = await invited();
    await letLinksExpire(identity.databaseUrl, email);
    await sql(identity.databaseUrl, 'UPDATE invitation SET expires_at = now() WHERE email = $1', [email]);
    expect(await stateOf(invitation)).toBe('EXPIRED');
    expect(codesOf(await accept(visitor, token, 'Ada', password))).toEqual(['TOKEN_REFUSED']);
    expect(await resend(school.admin, invitation.id)).toMatchObject({ invitation: { state: 'PENDING' } });
    const second = tokenIn(await newestMail(identity, email, 2));
    await resend(school.admin, invitation.id);
    const third = tokenIn(await newestMail(identity, email, 3));
    expect(codesOf(await accept(visitor, second, 'Ada', password))).toEqual(['TOKEN_REFUSED']);
    expect(codesOf(await accept(visitor, third, 'Ada', password))).toEqual([]);
    expect(codesOf(await resend(school.admin, invitation.id))).toEqual(['CONFLICT']);
    expect(codesOf(await revoke(school.admin, invitation.id))).toEqual(['CONFLICT']);
  });

  test('that is revoked lets nobody in; revoking it again changes nothing', async () => {
    const { invitation, token } = await invited();
    for (const _time of [1, 2]) {
      expect(await revoke(school.admin, invitation.id)).toMatchObject({
        invitation: { id: invitation.id, state: 'REVOKED' },
        userErrors: [],
      });
    }
    expect(codesOf(await accept(visitor, token, 'Ada', password))).toEqual(['TOKEN_REFUSED']);
    expect(codesOf(await resend(school.admin, invitation.id))).toEqual(['CONFLICT']);
  });

  test('takes the place of one to the same address, with its roles', async () => {
    const { invitation, token } = await invited({ roles: ['ADMIN'] });
    await invite(school.admin, { email, roles: ['LEARNER'] });
    const second = tokenIn(await newestMail(identity, email, 2));
    expect(await stateOf(invitation)).toBe('REVOKED');
    expect(codesOf(await accept(visitor, token, 'Ada', password))).toEqual(['TOKEN_REFUSED']);
    expect(codesOf(await accept(visitor, second, 'Ada', password))).toEqual([]);
    const { accessToken } = await logIn(visitor, email, password);
    expect(decodeJwt(accessToken)['roles']).toEqual(['LEARNER']);
  });

  test('comes to nothing where the organisation was closed since', async () => {
    const { token } = await invited();
    await setRegistration(school.admin, 'CLOSED');
    expect(codesOf(await accept(visitor, token, 'Ada', password))).toEqual(['TOKEN_REFUSED']);
    expect(codesOf(await invite(school.admin, { email: `x-${email}` }))).toEqual(['CONFLICT']);
  });

  test('of who may not invite so any more is void, until somebody who may mails it again', async () => {
    const former = await school.member('ADMIN');
    const { invitation } = await invite(former.ask, { email, roles: ['AUTHOR'] });
    const token = tokenIn(await newestMail(identity, email));
    await school.admin('mutation ($id: ID!) { membershipRemove(input: { userId: $id }) { userId } }', {
      id: former.userId,
    });
    expect(codesOf(await accept(visitor, token, 'Myself again', password))).toEqual(['TOKEN_REFUSED']);
    await resend(school.admin, invitation!.id);
    const renewed = tokenIn(await newestMail(identity, email, 2));
    expect(codesOf(await accept(visitor, renewed, 'Ada', password))).toEqual([]);
  });

  test('is good for what it was made for alone', async () => {
    const { token } = await invited();
    expect(codesOf(await verify(visitor, token, password))).toEqual(['TOKEN_REFUSED']);
  });

  test('is not for who belongs to the organisation, or was taken out of it', async () => {
    const { token } = await invited();
    await accept(visitor, token, 'Ada', password);
    expect(codesOf(await invite(school.admin, { email }))).toEqual(['EMAIL_TAKEN']);
    const { sub } = decodeJwt((await logIn(visitor, email, password)).accessToken);
    await school.admin('mutation ($id: ID!) { membershipRemove(input: { userId: $id }) { userId } }', {
      id: sub,
    });
    expect(codesOf(await invite(school.admin, { email }))).toEqual(['CONFLICT']);
  });

  test('is mailed five times an hour at most, and the administrator is told', async () => {
    const { invitation } = await invited();
    const answers = await Promise.all(Array.from({ length: 6 }, () => resend(school.admin, invitation.id)));
    expect(answers.flatMap(codesOf)).toEqual(['CONFLICT', 'CONFLICT']);
    await untilMailed(identity, email, 5);
  });

  test.each([
    ['email', { email: 'no address' }],
    ['email', { email: 'a\u0000@lyceum.example' }],
    ['roles', { email: 'guest@lyceum.example', roles: [] }],
  ])('with a faulty %s is refused', async (field, input) => {
    expect(await invite(school.admin, input)).toMatchObject({
      userErrors: [{ field: ['input', field], code: 'INVALID' }],
    });
  });

  test('is an administrator’s business alone', async () => {
    const { ask } = await school.member('AUTHOR', 'INSTRUCTOR', 'LEARNER');
    await expect(invite(ask, { email })).rejects.toThrow('FORBIDDEN');
    await expect(invite(visitor, { email })).rejects.toThrow('UNAUTHENTICATED');
    expect((await ask('{ invitations { nodes { id } } }')).errors?.[0]?.extensions['code']).toBe('FORBIDDEN');
    const former = await school.member('ADMIN');
    await school.admin('mutation ($id: ID!) { membershipRemove(input: { userId: $id }) { userId } }', {
      id: former.userId,
    });
    await expect(invite(former.ask, { email })).rejects.toThrow('FORBIDDEN');
  });
});

test('invitations are listed in pages, in the order in which they were made', async () => {
  const other = await identity.organisation('pages');
  await setRegistration(other.admin, 'BY_INVITATION');
  const made = [];
  for (const name of ['a', 'b', 'c']) made.push(await invite(other.admin, { email: `${name}-${email}` }));
  const ids = made.map(({ invitation }) => invitation?.id);
  const page = async (args: string) => {
    const { data } = await other.admin<{ invitations: { nodes: { id: string }[]; totalCount: number } }>(
      `{ invitations(${args}) { nodes { id } totalCount } }`,
    );
    return [data.invitations.nodes.map(({ id }) => id), data.invitations.totalCount];
  };
  expect(await page('first: 2')).toEqual([ids.slice(0, 2), 3]);
  expect(await page('last: 2')).toEqual([ids.slice(1), 3]);
});

test('what becomes of invitations is in the audit log', async () => {
  const { invitation } = await invited();
  await resend(school.admin, invitation.id);
  await accept(visitor, tokenIn(await newestMail(identity, email, 2)), 'Ada', password);
  email = `other-${email}`;
  const other = await invited();
  await revoke(school.admin, other.invitation.id);
  const { data } = await school.admin<{ auditEvents: { nodes: { act: string }[] } }>(
    '{ auditEvents(first: 5) { nodes { act } } }',
  );
  expect(data.auditEvents.nodes.map(({ act }) => act)).toEqual([
    'invitation.revoke',
    'invitation.create',
    'invitation.accept',
    'invitation.resend',
    'invitation.create',
  ]);
});
