import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isOfPlatform, newId, PERMISSIONS } from '@lyceum/service';
import { graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { decodeJwt } from 'jose';
import { accept, invite, setRegistration } from './kit/account-flows.ts';
import { logIn, runIdentity, type Organisation, type RunningIdentity } from './kit/identity.ts';
import { newestMail, tokenIn } from './kit/mailbox.ts';
import { endOfImport, sendFile } from './kit/people-file.ts';
import { sql } from './kit/sql.ts';
import { askForToken } from './kit/token-endpoint.ts';

// Rights over all organisations are held in the platform organisation alone: here the demo's, which was made first.

let identity: RunningIdentity;
let platform: GraphQLClient;
let school: Organisation;

beforeAll(async () => {
  identity = await runIdentity();
  platform = await identity.loggedIn('admin');
  school = await identity.organisation('school');
});
afterAll(() => identity.stop());

const above = PERMISSIONS.filter(isOfPlatform);
const address = () => `${newId('somebody')}@people.example`;

async function run(client: GraphQLClient, name: string, input: object, fields: string): Promise<unknown> {
  const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input!`;
  const { data, errors } = await client<Record<string, unknown>>(
    `mutation ($input: ${type}) { ${name}(input: $input) { ${fields} userErrors { code field } } }`,
    { input },
  );
  return errors ? errors[0]!.extensions['missing'] : data[name];
}

/** Somebody of the platform organisation. */
async function ofPlatform(...roles: string[]) {
  const email = address();
  const made = (await run(
    platform,
    'userCreate',
    { name: 'Some Body', email, password: 'lyceum-demo', roles },
    'user { id }',
  )) as {
    user: { id: string };
  };
  const tokens = await logIn(graphqlClient(identity.url), email);
  const { accessToken: token } = tokens;
  return { id: made.user.id, email, token, ask: graphqlClient(identity.url, token) };
}

/** Somebody who would rule over everything, if the role counted where they are. */
async function usurper() {
  const member = await school.member('ADMIN');
  await sql(identity.databaseUrl, 'ALTER TABLE membership DISABLE TRIGGER membership_platform_role');
  try {
    const roles = "roles = '{ADMIN,PLATFORM_ADMIN}'";
    await sql(identity.databaseUrl, `UPDATE membership SET ${roles} WHERE user_id = $1`, [member.userId]);
  } finally {
    await sql(identity.databaseUrl, 'ALTER TABLE membership ENABLE TRIGGER membership_platform_role');
  }
  return member;
}

describe('in the platform organisation', () => {
  test('its first administrator holds the role, and gives it to others', async () => {
    const { data } = await platform<{ viewer: { roles: string[]; permissions: string[] } }>(
      '{ viewer { roles permissions } }',
    );
    expect(data.viewer.roles).toEqual(['ADMIN', 'PLATFORM_ADMIN']);
    expect(data.viewer.permissions).toEqual(expect.arrayContaining([...above]));
    const { ask } = await ofPlatform('PLATFORM_ADMIN');
    expect((await ask('{ viewer { roles } }')).data).toEqual({ viewer: { roles: ['PLATFORM_ADMIN'] } });
  });

  test('an administrator who lacks it gives it to nobody, takes it from nobody, and shuts out nobody who has it', async () => {
    const { id, ask } = await ofPlatform('ADMIN');
    const { id: ruler } = await ofPlatform('PLATFORM_ADMIN');
    const missing = expect.stringMatching(/^organisation\./);
    const input = { name: 'Puppet', email: address(), roles: ['PLATFORM_ADMIN'] };
    expect(await run(ask, 'userCreate', input, 'user { id }')).toEqual(missing);
    const itself = { userId: id, roles: ['ADMIN', 'PLATFORM_ADMIN'] };
    expect(await run(ask, 'membershipUpdate', itself, 'user { id }')).toEqual(missing);
    const fallen = { userId: ruler, roles: ['LEARNER'] };
    expect(await run(ask, 'membershipUpdate', fallen, 'user { id }')).toEqual(missing);
    await setRegistration(platform, 'BY_INVITATION');
    const guest = { email: address(), roles: ['PLATFORM_ADMIN'] };
    expect(await run(ask, 'invitationCreate', guest, 'invitation { id }')).toEqual(missing);
    const role = { name: 'Mine', permissions: ['organisation.suspend'] };
    expect(await run(ask, 'roleCreate', role, 'role { id }')).toBe('organisation.suspend');
    for (const [name, fields] of [
      ['userDeactivate', 'user { id }'],
      ['membershipRemove', 'userId'],
      ['secondFactorsReset', 'user { id }'],
    ] as const)
      expect(await run(ask, name, { userId: ruler }, fields)).toEqual(missing);
    const secret = { name: 'A program', permissions: ['organisation.list'] };
    expect(await run(ask, 'apiClientCreate', secret, 'secret')).toBe('organisation.list');
  });

  test('the last who holds it keeps it', async () => {
    const alone = await runIdentity();
    try {
      const admin = await alone.loggedIn('admin');
      const { data } = await admin<{ viewer: { user: { id: string } } }>('{ viewer { user { id } } }');
      const userId = data.viewer.user.id;
      const second = { name: 'Second', email: address(), roles: ['ADMIN'] };
      await run(admin, 'userCreate', second, 'user { id }');
      const last = { userErrors: [{ code: 'LAST_ADMIN' }] };
      expect(await run(admin, 'membershipUpdate', { userId, roles: ['ADMIN'] }, 'user { id }')).toMatchObject(
        last,
      );
      expect(await run(admin, 'userDeactivate', { userId }, 'user { id }')).toMatchObject(last);
      expect(await run(admin, 'membershipRemove', { userId }, 'userId')).toMatchObject(last);
    } finally {
      await alone.stop();
    }
  });

  test('an export does not name the role, and an import neither gives nor takes it', async () => {
    const { id, email, ask, token } = await ofPlatform('ADMIN', 'PLATFORM_ADMIN');
    const importing = async (file: string) => {
      const answer = await sendFile(identity.url, token, file);
      return endOfImport(ask, ((await answer.json()) as { id: string }).id);
    };
    const rolesNow = async () => {
      const query = 'query ($id: ID!) { user(id: $id) { roles } }';
      const { data } = await platform<{ user: { roles: string[] } }>(query, { id });
      return data.user.roles;
    };
    const headers = { authorization: `Bearer ${token}` };
    const file = await (await fetch(`${identity.url}/people/export.csv`, { headers })).text();
    expect(file).not.toContain('PLATFORM_ADMIN');
    expect(file).toContain(email);
    await importing(`email,name,roles\n${email},Renamed By File,ADMIN;AUTHOR\n`);
    expect(await rolesNow()).toEqual(['ADMIN', 'AUTHOR', 'PLATFORM_ADMIN']);
    const faulty = await importing(`email,name,roles\n${address()},Some Body,PLATFORM_ADMIN\n`);
    expect(faulty).toMatchObject({ created: 0, faultyRows: 1 });
  });

  test('no provider of single sign-on gives it', async () => {
    const provider = { name: 'P', issuer: 'https://login.example.org', clientId: 'c', clientSecret: 's' };
    for (const more of [
      { defaultRoles: ['PLATFORM_ADMIN'] },
      { roleClaim: 'groups', roleMapping: [{ value: 'boss', role: 'PLATFORM_ADMIN' }] },
    ])
      expect(
        await run(platform, 'identityProviderCreate', { ...provider, ...more }, 'identityProvider { id }'),
      ).toMatchObject({ userErrors: [{ code: 'INVALID' }] });
  });

  test('there is one: the database takes no second', async () => {
    const second = sql(identity.databaseUrl, 'UPDATE organisation SET platform = true WHERE id = $1', [
      school.id,
    ]);
    await expect(second).rejects.toThrow(/organisation_platform_key/);
  });
});

describe('in any other organisation', () => {
  test('whoever holds everything there gives it by no door', async () => {
    const { userId } = await school.member('LEARNER');
    const missing = expect.stringMatching(/^organisation\./);
    const puppet = { name: 'Puppet', email: address(), roles: ['PLATFORM_ADMIN'] };
    expect(await run(school.admin, 'userCreate', puppet, 'user { id }')).toEqual(missing);
    const crowned = { userId, roles: ['LEARNER', 'PLATFORM_ADMIN'] };
    expect(await run(school.admin, 'membershipUpdate', crowned, 'user { id }')).toEqual(missing);
    await setRegistration(school.admin, 'BY_INVITATION');
    const guest = { email: address(), roles: ['PLATFORM_ADMIN'] };
    expect(await run(school.admin, 'invitationCreate', guest, 'invitation { id }')).toEqual(missing);
    const role = { name: 'Above', permissions: [...above] };
    expect(await run(school.admin, 'roleCreate', role, 'role { id }')).toEqual(missing);
    const course = { userId, role: 'PLATFORM_ADMIN', courseId: newId('course') };
    expect(await run(school.admin, 'roleGrant', course, 'grant { id }')).toMatchObject({
      userErrors: [{ code: 'INVALID' }],
    });
  });

  test('the database refuses it too, whichever way it comes', async () => {
    const { userId } = await school.member('LEARNER');
    const given = sql(
      identity.databaseUrl,
      "UPDATE membership SET roles = '{PLATFORM_ADMIN}' WHERE organisation_id = $1 AND user_id = $2",
      [school.id, userId],
    );
    await expect(given).rejects.toThrow(/in the platform organisation alone/);
  });

  test('where a table says so all the same, no token does, nor does anything that is looked up', async () => {
    const { userId, refreshToken } = await usurper();
    const { data } = await graphqlClient(identity.url)<{
      sessionRefresh: { tokens: { accessToken: string } };
    }>(
      'mutation ($token: String!) { sessionRefresh(input: { refreshToken: $token }) { tokens { accessToken } } }',
      { token: refreshToken },
    );
    const { accessToken } = data.sessionRefresh.tokens;
    expect(decodeJwt(accessToken)['roles']).toEqual(['ADMIN']);
    const ask = graphqlClient(identity.url, accessToken);
    const { viewer } = (await ask<{ viewer: { permissions: string[] } }>('{ viewer { permissions } }')).data;
    expect(viewer.permissions.filter((name) => above.some((one) => one === name))).toEqual([]);
    const role = { name: 'Above', permissions: [above[0]!] };
    expect(await run(ask, 'roleCreate', role, 'role { id }')).toBe(above[0]);
    expect(userId).toBeTruthy();
  });

  test('a role and a program that hold it by a slip of a table give nothing', async () => {
    const { userId, refreshToken } = await school.member('LEARNER');
    const made = (await run(
      school.admin,
      'roleCreate',
      { name: 'Slip', permissions: ['user.list'] },
      'role { id }',
    )) as {
      role: { id: string };
    };
    await run(school.admin, 'roleGrant', { userId, roleId: made.role.id }, 'grant { id }');
    const client = (await run(
      school.admin,
      'apiClientCreate',
      { name: 'A program', permissions: ['user.list'] },
      'apiClient { id } secret',
    )) as { apiClient: { id: string }; secret: string };
    const names = '{user.list,organisation.list}';
    await sql(identity.databaseUrl, 'UPDATE role SET permissions = $2 WHERE id = $1', [made.role.id, names]);
    await sql(identity.databaseUrl, 'UPDATE api_client SET permissions = $2 WHERE id = $1', [
      client.apiClient.id,
      names,
    ]);
    const { data } = await graphqlClient(identity.url)<{
      sessionRefresh: { tokens: { accessToken: string } };
    }>(
      'mutation ($token: String!) { sessionRefresh(input: { refreshToken: $token }) { tokens { accessToken } } }',
      { token: refreshToken },
    );
    expect(decodeJwt(data.sessionRefresh.tokens.accessToken)['permissions']).toEqual(['user.list']);
    const { status, body } = await askForToken(identity, {
      grant_type: 'client_credentials',
      client_id: client.apiClient.id,
      client_secret: client.secret,
    });
    expect({ status, body }).toMatchObject({ status: 200, body: { scope: 'user.list' } });
  });

  test('an invitation that would give it opens nothing', async () => {
    await setRegistration(school.admin, 'BY_INVITATION');
    const email = address();
    const { invitation } = await invite(school.admin, { email });
    await sql(identity.databaseUrl, "UPDATE invitation SET roles = '{PLATFORM_ADMIN}' WHERE id = $1", [
      invitation!.id,
    ]);
    const token = tokenIn(await newestMail(identity, email));
    expect(await accept(graphqlClient(identity.url), token, 'Guest', 'their-password')).toMatchObject({
      userErrors: [{ code: 'TOKEN_REFUSED' }],
    });
  });
});
