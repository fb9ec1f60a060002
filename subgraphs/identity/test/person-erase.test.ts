import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually, graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { decodeJwt } from 'jose';
import { logIn, runIdentity, tryLogIn, withStore, type RunningIdentity } from './kit/identity.ts';
import { mailsTo, subjectOf } from './kit/mailbox.ts';
import { answerOf, playOtherHolders, type OtherHolders } from './kit/other-holders.ts';
import { askForExport, erase, jobOf, untilJob, type Job } from './kit/privacy-jobs.ts';
import { forgetMails } from './kit/privacy-upkeep.ts';
import { sql } from './kit/sql.ts';

let identity: RunningIdentity;
let holders: OtherHolders;
let admin: GraphQLClient;
let adminId: string;

/** Whose erasure the record store fails at. */
const refused = new Set<string>();

beforeAll(async () => {
  identity = await runIdentity();
  holders = await playOtherHolders(identity, {
    lrs: async (request, others) => {
      const { jobId, organisationId, kind, userId } = request;
      if (!refused.has(userId)) return answerOf('lrs')(request, others);
      const failure = 'It failed 10 times';
      await others.tellDone('lrs', { jobId, organisationId, kind, pieces: 0, report: [], failure });
    },
  });
  const { accessToken } = await logIn(graphqlClient(identity.url), 'admin@lyceum.example');
  admin = graphqlClient(identity.url, accessToken);
  adminId = decodeJwt(accessToken).sub ?? '';
});
afterAll(async () => {
  await holders.stop();
  await identity.stop();
});

const password = 'a password of hers';
let made = 0;

/** Somebody in the demo organisation, with something in as many tables as a test reaches. */
async function newPerson(name: string) {
  made += 1;
  const email = `erased-${made}@lyceum.example`;
  await admin(`mutation ($input: UserCreateInput!) { userCreate(input: $input) { userErrors { code } } }`, {
    input: { name, email, password },
  });
  const { accessToken } = await logIn(graphqlClient(identity.url), email, password);
  const { sub: userId = '' } = decodeJwt(accessToken);
  const ask = graphqlClient(identity.url, accessToken);
  const { data } = await admin<{ groupCreate: { group: { id: string } } }>(
    `mutation ($name: String!) { groupCreate(input: { name: $name }) { group { id } } }`,
    { name: `Group ${made}` },
  );
  await admin(
    `mutation ($id: ID!, $userIds: [ID!]!) {
      groupMembersAdd(input: { id: $id, userIds: $userIds }) { userErrors { code } }
    }`,
    { id: data.groupCreate.group.id, userIds: [userId] },
  );
  await ask(
    `mutation ($at: DateTime!, $secret: String!) {
      profileUpdate(input: { bio: $secret, givenName: $secret, pronouns: "she/her" }) { userErrors { code } }
      personalAccessTokenCreate(input: { name: $secret, permissions: ["user.read"], expiresAt: $at }) { userErrors { code } }
      totpEnrolBegin(input: { currentPassword: "${password}" }) { userErrors { code } }
      passwordResetRequest(input: { email: "${email}" }) { userErrors { code } }
    }`,
    { at: new Date(Date.now() + 86_400_000).toISOString(), secret: `${name} says` },
  );
  return { name, email, userId, ask, groupId: data.groupCreate.group.id };
}

/** The tables in which a text stands anywhere. */
async function tablesWith(text: string): Promise<string[]> {
  const tables = await sql<{ name: string }>(
    identity.databaseUrl,
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1`,
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const rows = await sql(
      identity.databaseUrl,
      `SELECT 1 FROM "${name}" t WHERE position(lower($1) IN lower(t::text)) > 0 LIMIT 1`,
      [text],
    );
    if (rows.length > 0) found.push(name);
  }
  return found;
}

const codesOf = ({ userErrors }: { userErrors: { code: string; field: string[] | null }[] }) => userErrors;

describe('an erasure is refused', () => {
  test('where the address is not typed as it is', async () => {
    const { userId } = await newPerson('Mistyped Person');
    expect(codesOf(await erase(admin, userId, 'other@lyceum.example'))).toEqual([
      { code: 'INVALID', field: ['input', 'email'] },
    ]);
    const { data } = await admin<{ user: { name: string } }>('query ($id: ID!) { user(id: $id) { name } }', {
      id: userId,
    });
    expect(data.user.name).toBe('Mistyped Person');
  });

  test('of oneself', async () => {
    expect(codesOf(await erase(admin, adminId, 'admin@lyceum.example'))).toEqual([
      { code: 'INVALID', field: ['input', 'userId'] },
    ]);
  });

  test('to who is no administrator, which is kept in the audit log', async () => {
    const { ask, userId } = await newPerson('Curious Person');
    const { errors } = await ask(
      `mutation ($id: ID!) { personErase(input: { userId: $id, email: "x@y.z" }) { job { id } } }`,
      { id: userId },
    );
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('of the last administrator', async () => {
    const school = await identity.organisation('last');
    const other = await school.member('ADMIN');
    const [first] = await sql<{ user_id: string; email: string }>(
      identity.databaseUrl,
      `SELECT user_id, email FROM membership WHERE organisation_id = $1 AND user_id <> $2`,
      [school.id, other.userId],
    );
    const program = await other.ask<{ apiClientCreate: { apiClient: { id: string }; secret: string } }>(
      `mutation { apiClientCreate(input: { name: "HR", permissions: ["ADMIN"] }) { apiClient { id } secret } }`,
    );
    const { apiClient, secret } = program.data.apiClientCreate;
    const token = await fetch(`${identity.url}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: apiClient.id,
        client_secret: secret,
      }),
    });
    const { access_token: accessToken } = (await token.json()) as { access_token: string };
    const machine = graphqlClient(identity.url, accessToken);
    expect(codesOf(await erase(machine, first!.user_id, first!.email))).toEqual([]);
    const [second] = await sql<{ email: string }>(
      identity.databaseUrl,
      `SELECT email FROM membership WHERE organisation_id = $1 AND user_id = $2`,
      [school.id, other.userId],
    );
    expect(codesOf(await erase(machine, other.userId, second!.email))).toEqual([
      { code: 'LAST_ADMIN', field: ['input', 'userId'] },
    ]);
  });
});

describe('a person who is erased', () => {
  let person: Awaited<ReturnType<typeof newPerson>>;
  let job: Job;

  beforeAll(async () => {
    person = await newPerson('Zebulon Quartermain');
    const exported = await askForExport(person.ask);
    await untilJob(person.ask, exported.job!.id, 'DONE');
    expect(await tablesWith('Quartermain')).toEqual(
      expect.arrayContaining(['membership', 'personal_access_token', 'privacy_job_piece']),
    );
    const { job: begun, userErrors } = await erase(admin, person.userId, ` ${person.email.toUpperCase()}`);
    expect(userErrors).toEqual([]);
    job = await untilJob(admin, begun!.id, 'DONE');
  });

  test('can log in no more, and their access token opens nothing new', async () => {
    const { userErrors } = await tryLogIn(graphqlClient(identity.url), { email: person.email, password });
    expect(userErrors).toMatchObject([{ code: 'CREDENTIALS_REFUSED' }]);
  });

  test('stands by name and address in no table but the audit log', async () => {
    await untilTold(person.email);
    await forgetMails(identity);
    for (const text of ['Quartermain', person.email]) {
      expect([text, (await tablesWith(text)).filter((name) => name !== 'audit_event')]).toEqual([text, []]);
    }
  });

  test('is named by nothing in the audit log that the graph shows', async () => {
    const { data } = await admin<{ auditEvents: { nodes: object[] } }>(
      `query ($id: ID!) {
        of: auditEvents(first: 100, filter: { subjectId: $id }) { nodes { act changes { field before after } } }
        by: auditEvents(first: 100, filter: { actorId: $id }) {
          nodes { act actor { name } clientAddress userAgent changes { field before after } }
        }
      }`,
      { id: person.userId },
    );
    const shown = JSON.stringify(data);
    expect(shown).toContain('person.erase.finish');
    expect(shown).toContain('personal-access-token.create');
    expect(shown).not.toContain('Quartermain');
    expect(shown).not.toContain(person.email);
    // The row itself is as it was: it is chained to the next.
    expect(await tablesWith(person.email)).toContain('audit_event');
  });

  test('is still resolved where others point to them, as nobody', async () => {
    const { data } = await admin<{
      user: object;
      users: { nodes: object[] };
      group: { members: { nodes: object[] } };
    }>(
      `query ($id: ID!, $group: ID!) {
        user(id: $id) { id name email bio roles givenName }
        users(first: 100, filter: { search: "Quartermain" }) { nodes { id } }
        group(id: $group) { members(first: 10) { nodes { id } } }
      }`,
      { id: person.userId, group: person.groupId },
    );
    expect(data.user).toEqual({
      id: person.userId,
      name: 'Erased person',
      email: null,
      bio: null,
      roles: [],
      givenName: null,
    });
    expect(data.users.nodes).toEqual([]);
    expect(data.group.members.nodes).toEqual([]);
  });

  test('was told by a mail to the address that is forgotten with it', async () => {
    await untilTold(person.email);
  });

  test('can register anew with the address, as somebody else', async () => {
    await admin(`mutation ($input: UserCreateInput!) { userCreate(input: $input) { userErrors { code } } }`, {
      input: { name: 'New Life', email: person.email, password },
    });
    const { accessToken } = await logIn(graphqlClient(identity.url), person.email, password);
    expect(decodeJwt(accessToken).sub).not.toBe(person.userId);
  });

  test('leaves a report of what was done and what is kept and why', () => {
    expect(job).toMatchObject({ kind: 'ERASURE', partsEnded: 6, archiveUrl: null });
    const report = job.parts.find(({ service }) => service === 'identity')?.report ?? [];
    for (const what of ['groups', 'sessions', 'personal-access-tokens', 'membership', 'account', 'archives'])
      expect(report).toContainEqual(expect.objectContaining({ what, action: 'DELETED' }));
    expect(report).toContainEqual({
      what: 'audit-events',
      action: 'KEPT',
      count: expect.any(Number),
      reason: expect.stringMatching(/chained/),
    });
  });

  test('is kept from being taken back while it goes on', async () => {
    const other = await newPerson('Returning Person');
    refused.add(other.userId);
    const { job: begun } = await erase(admin, other.userId, other.email);
    await untilJob(admin, begun!.id, 'FAILED');
    const { data } = await admin<{ membershipUpdate: { userErrors: object[] } }>(
      `mutation ($id: ID!) { membershipUpdate(input: { userId: $id, roles: [LEARNER] }) { userErrors { code } } }`,
      { id: other.userId },
    );
    expect(data.membershipUpdate.userErrors).toEqual([{ code: 'CONFLICT' }]);
    expect(await tablesWith('Returning Person')).toContain('membership');
    refused.delete(other.userId);
    expect((await erase(admin, other.userId, other.email)).job?.id).toBe(begun!.id);
    await untilJob(admin, begun!.id, 'DONE');
    expect(await tablesWith('Returning Person')).toEqual(['audit_event']);
  });
});

test('who belongs to another organisation, too, keeps the account there and nothing here', async () => {
  const person = await newPerson('Between Twoschools');
  const other = await identity.organisation('other-school');
  await other.admin(
    `mutation ($input: UserCreateInput!) { userCreate(input: $input) { userErrors { code } } }`,
    { input: { name: 'Other Name', email: person.email, password: 'another password' } },
  );
  const { job } = await erase(admin, person.userId, person.email);
  const done = await untilJob(admin, job!.id, 'DONE');
  const report = done.parts.find(({ service }) => service === 'identity')?.report ?? [];
  expect(report).toContainEqual(
    expect.objectContaining({
      what: 'account',
      action: 'KEPT',
      reason: expect.stringMatching(/another organisation/),
    }),
  );
  await logIn(graphqlClient(identity.url), person.email, 'another password');
  const members = await sql(
    identity.databaseUrl,
    `SELECT organisation_id FROM membership WHERE user_id = $1`,
    [person.userId],
  );
  expect(members).toEqual([{ organisation_id: other.id }]);
  // Taken in anew, they go on from the revision that others know.
  await admin(`mutation ($input: UserCreateInput!) { userCreate(input: $input) { userErrors { code } } }`, {
    input: { name: 'Back Again', email: person.email, password },
  });
  await withStore(identity.databaseUrl, async (store) => {
    const [{ organisationId } = { organisationId: '' }] = await sql<{ organisationId: string }>(
      identity.databaseUrl,
      `SELECT organisation_id AS "organisationId" FROM erased_person WHERE user_id = $1`,
      [person.userId],
    );
    const [member] = await store.memberships.selectMany(organisationId, [person.userId]);
    expect(member?.revision).toBeGreaterThan(2);
  });
  const { data } = await admin<{ user: object }>('query ($id: ID!) { user(id: $id) { name } }', {
    id: person.userId,
  });
  expect(data.user).toEqual({ name: 'Back Again' });
});

test('two administrators who erase a person at once get one job', async () => {
  const person = await newPerson('Twice Erased');
  const jobs = await Promise.all(Array.from({ length: 6 }, () => erase(admin, person.userId, person.email)));
  expect(new Set(jobs.map(({ job }) => job?.id)).size).toBe(1);
  await untilJob(admin, jobs[0]!.job!.id, 'DONE');
  expect(await jobOf(person.ask, jobs[0]!.job!.id)).toBeNull();
  expect(holders.requests.filter(({ userId }) => userId === person.userId)).toHaveLength(1);
});

/** The mail that tells of the erasure has gone out, and the relay has noted it. */
async function untilTold(address: string): Promise<void> {
  await eventually(async () => {
    const subjects = mailsTo(identity, address).map(subjectOf);
    expect(subjects).toContainEqual(expect.stringMatching(/has erased what it held of you/));
    const open = `SELECT 1 FROM mail WHERE recipient = $1 AND state IN ('WAITING', 'SENDING')`;
    expect(await sql(identity.databaseUrl, open, [address])).toEqual([]);
  });
}
