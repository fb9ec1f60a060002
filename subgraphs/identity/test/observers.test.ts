import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId, OBSERVER_PERMISSIONS } from '@lyceum/service';
import { graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { decodeJwt } from 'jose';
import { mostGrants } from '../src/domain/grants.ts';
import { mostObservers } from '../src/domain/observations.ts';
import { runIdentity, type Member, type Organisation, type RunningIdentity } from './kit/identity.ts';
import { publishedEvents } from './kit/published-events.ts';
import { sql } from './kit/sql.ts';

let identity: RunningIdentity;
let school: Organisation;
let parent: Member;
let child: Member;

beforeAll(async () => {
  identity = await runIdentity();
  school = await identity.organisation('school');
  parent = await school.member('OBSERVER');
  child = await school.member('LEARNER');
});
afterAll(() => identity.stop());

interface Payload {
  observation?: { id: string; observer: { id: string }; learner: { id: string } } | null;
  observationId?: string | null;
  userErrors: { code: string; field: string[] }[];
}

const answers = {
  observationCreate: 'observation { id observer { id } learner { id } }',
  observationRemove: 'observationId',
  roleRevoke: 'grantId',
  membershipRemove: 'userId',
} as const;

/** The payload, or the permission that was missing. */
async function run(name: keyof typeof answers, input: object, ask = school.admin): Promise<Payload | string> {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input!`;
  const { data, errors } = await ask<Record<string, Payload>>(
    `mutation ($input: ${type}) { ${name}(input: $input) { ${answers[name]} userErrors { code field } } }`,
    { input },
  );
  return errors ? String(errors[0]?.extensions['missing']) : data[name]!;
}

async function observe(observer: Member, learner: Member): Promise<string> {
  const input = { observerId: observer.userId, learnerId: learner.userId };
  const made = (await run('observationCreate', input)) as Payload;
  expect(made.userErrors).toEqual([]);
  return made.observation!.id;
}

/** What the next access token says. */
async function claimsAgain({ refreshToken }: Member): Promise<Record<string, unknown>> {
  const { data } = await graphqlClient(identity.url)<{
    sessionRefresh: { tokens: { accessToken: string } };
  }>(
    `mutation ($refreshToken: String!) {
      sessionRefresh(input: { refreshToken: $refreshToken }) { tokens { accessToken } } }`,
    { refreshToken },
  );
  return decodeJwt(data.sessionRefresh.tokens.accessToken);
}

const observersOf = (ask: GraphQLClient, id: string) =>
  ask<{ user: { observers: { observer: { id: string } }[] | null } }>(
    'query ($id: ID!) { user(id: $id) { observers { observer { id } learner { id } } } }',
    { id },
  );

describe('an observation', () => {
  test('is in the observer’s next token, and seen by both and by administrators, until it is removed', async () => {
    const id = await observe(parent, child);
    const claims = await claimsAgain(parent);
    const grants = [{ may: [...OBSERVER_PERMISSIONS], on: [child.userId] }];
    expect(claims).toMatchObject({ roles: ['OBSERVER'], grants });
    expect(claims['permissions']).toBeUndefined();

    const observing = '{ viewer { observing { id learner { id name } } user { grants { id } } } }';
    expect((await parent.ask(observing)).data).toEqual({
      viewer: {
        observing: [{ id, learner: { id: child.userId, name: 'Somebody Else' } }],
        user: { grants: [] },
      },
    });
    const one = [{ observer: { id: parent.userId }, learner: { id: child.userId } }];
    expect((await observersOf(child.ask, child.userId)).data.user.observers).toEqual(one);
    expect((await observersOf(school.admin, child.userId)).data.user.observers).toEqual(one);

    expect(await run('observationRemove', { observationId: id })).toMatchObject({ observationId: id });
    expect((await claimsAgain(parent))['grants']).toBeUndefined();
    expect((await observersOf(child.ask, child.userId)).data.user.observers).toEqual([]);
    const again = await run('observationRemove', { observationId: id });
    expect(again).toMatchObject({ userErrors: [{ code: 'NOT_FOUND', field: ['input', 'observationId'] }] });
  });

  test('is made, removed and seen of others by administrators alone, and the refusal is recorded', async () => {
    const id = await observe(parent, child);
    for (const role of ['AUTHOR', 'INSTRUCTOR', 'LEARNER', 'OBSERVER'] as const) {
      const { ask, userId } = await school.member(role);
      const input = { observerId: userId, learnerId: child.userId };
      expect(await run('observationCreate', input, ask)).toBe('observation.create');
      expect(await run('observationRemove', { observationId: id }, ask)).toBe('observation.remove');
      const { errors } = await observersOf(ask, child.userId);
      expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN', missing: 'observation.read' } }]);
    }
    expect((await observersOf(parent.ask, child.userId)).errors).toHaveLength(1);
    await run('observationRemove', { observationId: id });
  });

  test('is one, of two members of the organisation', async () => {
    const id = await observe(parent, child);
    const other = await (await identity.organisation('other')).member('LEARNER');
    const gone = await school.member('LEARNER');
    await run('membershipRemove', { userId: gone.userId });
    const [observerId, learnerId] = [parent.userId, child.userId];
    for (const [input, code, field] of [
      [{ observerId, learnerId }, 'CONFLICT', undefined],
      [{ observerId, learnerId: observerId }, 'INVALID', 'observerId'],
      [{ observerId, learnerId: other.userId }, 'NOT_FOUND', 'learnerId'],
      [{ observerId: other.userId, learnerId }, 'NOT_FOUND', 'observerId'],
      [{ observerId, learnerId: gone.userId }, 'NOT_FOUND', 'learnerId'],
      [{ observerId: gone.userId, learnerId }, 'NOT_FOUND', 'observerId'],
      [{ observerId, learnerId: newId('user') }, 'NOT_FOUND', 'learnerId'],
    ] as const) {
      const { userErrors } = (await run('observationCreate', input)) as Payload;
      expect(userErrors).toMatchObject([{ code, ...(field ? { field: ['input', field] } : {}) }]);
    }
    await run('observationRemove', { observationId: id });
  });

  test('ends with the membership of either, and is no grant that roleRevoke takes', async () => {
    const [observer, learner] = [await school.member('OBSERVER'), await school.member('LEARNER')];
    const first = await observe(observer, learner);
    expect(await run('roleRevoke', { grantId: first })).toMatchObject({
      userErrors: [{ code: 'NOT_FOUND' }],
    });
    await run('membershipRemove', { userId: learner.userId });
    expect((await claimsAgain(observer))['grants']).toBeUndefined();

    await observe(observer, child);
    await run('membershipRemove', { userId: observer.userId });
    expect((await observersOf(child.ask, child.userId)).data.user.observers).toEqual([]);
  });

  test('is told and recorded', async () => {
    const id = await observe(parent, child);
    await run('observationRemove', { observationId: id });
    const observation = {
      id,
      organisationId: school.id,
      observerId: parent.userId,
      learnerId: child.userId,
    };
    await publishedEvents(identity, (told) => {
      const mine = told.filter(({ data }) => 'observation' in data && data.observation.id === id);
      expect(mine.map(({ type, data }) => [type, data])).toEqual([
        ['observation.created', { observation }],
        ['observation.removed', { observation }],
      ]);
    });
    const { data } = await school.admin<{ auditEvents: { nodes: { act: string }[] } }>(
      'query ($id: ID!) { auditEvents(first: 2, filter: { subjectId: $id }) { nodes { act } } }',
      { id: child.userId },
    );
    expect(data.auditEvents.nodes.map(({ act }) => act)).toEqual([
      'observation.remove',
      'observation.create',
    ]);
  });

  test('is one of a hundred at most, of the observer and of the learner', async () => {
    const [observer, learner] = [await school.member('OBSERVER'), await school.member('LEARNER')];
    await sql(
      identity.databaseUrl,
      `INSERT INTO role_grant (id, organisation_id, user_id, role, object_id)
       SELECT 'observation_' || n, $1, $2, 'OBSERVER', 'user_' || n FROM generate_series(1, $3) AS n`,
      [school.id, observer.userId, mostGrants],
    );
    expect(
      await run('observationCreate', { observerId: observer.userId, learnerId: learner.userId }),
    ).toMatchObject({ userErrors: [{ code: 'INVALID', field: ['input', 'observerId'] }] });
    await sql(
      identity.databaseUrl,
      `WITH person AS (INSERT INTO "user" (id, email)
         SELECT 'user_many' || n, 'many' || n || '@lyceum.example' FROM generate_series(1, $3::int) AS n
         RETURNING id, email),
       member AS (INSERT INTO membership (organisation_id, user_id, name, email, roles)
         SELECT $1, id, 'Many', email, ARRAY['OBSERVER'] FROM person RETURNING user_id)
       INSERT INTO role_grant (id, organisation_id, user_id, role, object_id)
       SELECT 'observation_of_' || user_id, $1, user_id, 'OBSERVER', $2 FROM member`,
      [school.id, learner.userId, mostObservers],
    );
    expect(
      await run('observationCreate', { observerId: parent.userId, learnerId: learner.userId }),
    ).toMatchObject({ userErrors: [{ code: 'INVALID', field: ['input', 'learnerId'] }] });
  });
});
