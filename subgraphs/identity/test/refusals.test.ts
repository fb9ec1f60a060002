import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { GraphQLClient } from '@lyceum/testing';
import { readFileSync } from 'node:fs';
import { workspaceFile } from '@lyceum/service';
import { Kind, parse, type ObjectTypeDefinitionNode } from 'graphql';
import { auditedMutations } from '../src/audited-mutations.ts';
import { runIdentity, type Member, type Organisation, type RunningIdentity } from './kit/identity.ts';
import { sql } from './kit/sql.ts';
import { askForToken } from './kit/token-endpoint.ts';

// What is refused stands in the audit log, whichever rule refused it, and fills it for nobody.

let identity: RunningIdentity;
let school: Organisation;
let learner: Member;

beforeAll(async () => {
  identity = await runIdentity();
  school = await identity.organisation('refusing');
  learner = await school.member('LEARNER');
});
afterAll(() => identity.stop());

interface Row {
  act: string;
  reason: string;
  subjectId: string | null;
  actor: { id: string } | null;
  changes: unknown;
}

async function refusals(act: string): Promise<Row[]> {
  const { data, errors } = await school.admin<{ auditEvents: { nodes: Row[] } }>(
    `query ($act: String!) {
      auditEvents(first: 100, filter: { act: $act, outcome: REFUSED }) {
        nodes { act reason subjectId actor { id } changes { field before after } }
      }
    }`,
    { act },
  );
  if (errors) throw new Error(JSON.stringify(errors));
  return data.auditEvents.nodes;
}

const removeMember = (ask: GraphQLClient, userId: string) =>
  ask('mutation ($id: ID!) { membershipRemove(input: { userId: $id }) { userErrors { code } } }', {
    id: userId,
  });

describe('an act that is FORBIDDEN', () => {
  test('by the token has a row, with who, what, to whom and which permission was missing', async () => {
    const { errors } = await removeMember(learner.ask, learner.userId);
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    const [row] = await refusals('membership.remove');
    expect(row).toMatchObject({
      reason: 'FORBIDDEN',
      subjectId: learner.userId,
      actor: { id: learner.userId },
    });
    expect(JSON.stringify(row)).toContain('membership.remove');
  });

  test('by what the bearer may do now has one', async () => {
    const admin = await school.member('ADMIN');
    const roles =
      'mutation ($id: ID!) { membershipUpdate(input: { userId: $id, roles: [LEARNER] }) { userErrors { code } } }';
    await school.admin(roles, { id: admin.userId });
    await admin.ask('mutation { lrsKeyCreate(input: { name: "Mine" }) { userErrors { code } } }');
    expect(await refusals('lrs-key.create')).toMatchObject([{ actor: { id: admin.userId } }]);
  });

  test('has a few rows a minute, however often and however many at once it is tried, and the next tells how many', async () => {
    const { ask, userId } = await school.member('LEARNER');
    const create = () =>
      ask('mutation { groupCreate(input: { name: "A group" }) { userErrors { code } } }').then(
        ({ errors }) => errors,
      );
    const answers = await Promise.all(Array.from({ length: 40 }, create));
    expect(answers.every((errors) => errors?.length === 1)).toBe(true);
    expect(await refusals('group.create')).toHaveLength(5);
    await sql(identity.databaseUrl, "UPDATE counted_window SET began_at = began_at - interval '2 minutes'");
    await create();
    const rows = await refusals('group.create');
    expect(rows.map(({ actor }) => actor?.id)).toEqual(Array.from({ length: 6 }, () => userId));
    expect(JSON.stringify(rows[0]?.changes)).toContain('40');
  });

  test('is refused all the same where it cannot be recorded', async () => {
    await sql(identity.databaseUrl, 'ALTER TABLE counted_window RENAME TO away');
    const { errors } = await removeMember(learner.ask, learner.userId);
    await sql(identity.databaseUrl, 'ALTER TABLE away RENAME TO counted_window');
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });
});

describe('a request for an access token is recorded as refused', () => {
  test('of a client that is known, with a wrong secret', async () => {
    const { data } = await school.admin<{ apiClientCreate: { apiClient: { id: string } } }>(
      'mutation { apiClientCreate(input: { name: "A client", permissions: ["user.list"] }) { apiClient { id } } }',
    );
    const { id } = data.apiClientCreate.apiClient;
    const form = { grant_type: 'client_credentials', client_id: id, client_secret: 'lyc_wrong' };
    for (let time = 0; time < 8; time += 1) expect((await askForToken(identity, form)).status).toBe(401);
    const rows = await refusals('api-client.grant');
    expect(rows).toHaveLength(5);
    expect(rows[0]).toMatchObject({ reason: 'INVALID_CLIENT', subjectId: id, actor: null });
  });

  test('of a personal access token that was ended', async () => {
    const { data } = await learner.ask<{
      personalAccessTokenCreate: { personalAccessToken: { id: string }; secret: string };
    }>(
      `mutation ($at: DateTime!) {
        personalAccessTokenCreate(input: { name: "Mine", permissions: ["session.read.own"], expiresAt: $at }) {
          personalAccessToken { id } secret userErrors { code message }
        }
      }`,
      { at: new Date(Date.now() + 86_400_000).toISOString() },
    );
    const { personalAccessToken, secret } = data.personalAccessTokenCreate;
    const { id } = personalAccessToken;
    await learner.ask(
      'mutation ($id: ID!) { personalAccessTokenRevoke(input: { id: $id }) { userErrors { code } } }',
      { id },
    );
    const form = {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      subject_token: secret,
    };
    expect((await askForToken(identity, form)).status).toBe(400);
    expect(await refusals('personal-access-token.exchange')).toMatchObject([{ subjectId: id }]);
  });
});

test('every mutation of the schema says what stands in the audit log of it', () => {
  const text = readFileSync(workspaceFile('subgraphs/identity', 'schema.graphql'), 'utf8');
  const { definitions } = parse(text);
  const [mutation] = definitions.filter(
    (node) => node.kind === Kind.OBJECT_TYPE_DEFINITION && node.name.value === 'Mutation',
  );
  const { fields = [] } = mutation as ObjectTypeDefinitionNode;
  const names = fields.map(({ name }) => name.value);
  expect(Object.keys(auditedMutations).sort()).toEqual(names.sort());
});
