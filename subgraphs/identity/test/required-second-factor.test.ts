import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { decodeJwt } from 'jose';
import { logIn, runIdentity, type Organisation, type RunningIdentity, type Tokens } from './kit/identity.ts';
import { answer, begin, codeOf, refused, setUpTotp, wrongCode, type Refusal } from './kit/second-factor.ts';

// An organisation that requires a second factor of everybody.

const password = 'the password';

let identity: RunningIdentity;
let visitor: GraphQLClient;
let organisation: Organisation;
let email: string;
let organisations = 0;

beforeAll(async () => {
  identity = await runIdentity();
  visitor = graphqlClient(identity.url);
});
afterAll(() => identity.stop());
beforeEach(async () => {
  organisation = await identity.organisation(`strict-${(organisations += 1)}`);
  email = `strict-${organisations}@lyceum.example`;
  const { data } = await organisation.admin<{ userCreate: { userErrors: unknown[] } }>(
    'mutation ($input: UserCreateInput!) { userCreate(input: $input) { userErrors { code } } }',
    { input: { name: 'Somebody', email, password } },
  );
  expect(data.userCreate.userErrors).toEqual([]);
});

const as = ({ accessToken }: Tokens) => graphqlClient(identity.url, accessToken);

const policy = (client: GraphQLClient, required: boolean) =>
  client<{ secondFactorPolicyUpdate: { organisation: object; userErrors: Refusal[] } }>(
    `mutation ($input: SecondFactorPolicyUpdateInput!) {
      secondFactorPolicyUpdate(input: $input) {
        organisation { secondFactorRequired } userErrors { field code }
      }
    }`,
    { input: { required } },
  );

async function isRefreshed({ refreshToken }: Tokens): Promise<boolean> {
  const { data } = await visitor<{ sessionRefresh: { tokens: object | null } }>(
    'mutation ($token: String!) { sessionRefresh(input: { refreshToken: $token }) { tokens { accessToken } } }',
    { token: refreshToken },
  );
  return data.sessionRefresh.tokens !== null;
}

async function enrol(challenge: string) {
  const { data } = await visitor<{
    sessionChallengeEnrol: { enrolment: { secret: string } | null; userErrors: Refusal[] };
  }>(
    `mutation ($input: SessionChallengeEnrolInput!) {
      sessionChallengeEnrol(input: $input) { enrolment { secret } userErrors { field code } }
    }`,
    { input: { challenge } },
  );
  return data.sessionChallengeEnrol;
}

const enrolling = async () => {
  const { challenge } = await begin(visitor, { email, password });
  const { enrolment } = await enrol(challenge!.token);
  return { token: challenge!.token, secret: enrolment!.secret };
};

test('administrators say so, and everybody of the organisation may know', async () => {
  const before = await logIn(visitor, email, password);
  expect((await policy(as(before), true)).errors?.[0]?.extensions['code']).toBe('FORBIDDEN');
  expect((await policy(organisation.admin, true)).data.secondFactorPolicyUpdate).toEqual({
    organisation: { secondFactorRequired: true },
    userErrors: [],
  });
  const { data } = await as(before)('{ viewer { organisation { secondFactorRequired } } }');
  expect(data).toEqual({ viewer: { organisation: { secondFactorRequired: true } } });
  const elsewhere = await identity.organisation(`lax-${organisations}`);
  const other = await elsewhere.admin('{ viewer { organisation { secondFactorRequired } } }');
  expect(other.data).toEqual({ viewer: { organisation: { secondFactorRequired: false } } });
});

describe('who has none', () => {
  beforeEach(() => policy(organisation.admin, true));

  test('sets one up as they log in, and gets tokens and recovery codes for its first code', async () => {
    const { tokens, challenge } = await begin(visitor, { email, password });
    expect([tokens, challenge]).toMatchObject([null, { kind: 'ENROLMENT', methods: [] }]);
    const { enrolment } = await enrol(challenge!.token);
    const wrong = await answer(visitor, challenge!.token, { totp: wrongCode(enrolment!.secret) });
    expect(wrong).toMatchObject({ tokens: null, userErrors: refused('totp') });
    const answered = await answer(visitor, challenge!.token, { totp: codeOf(enrolment!.secret) });
    expect(answered.recoveryCodes).toHaveLength(10);
    expect(decodeJwt(answered.tokens!.accessToken)['amr']).toEqual(['pwd', 'otp', 'mfa']);
    expect(await isRefreshed(answered.tokens!)).toBe(true);
    const next = await begin(visitor, { email, password });
    expect(next.challenge).toMatchObject({ kind: 'SECOND_FACTOR', methods: ['TOTP', 'RECOVERY_CODE'] });
  });

  test('gets nothing before, whatever else is shown', async () => {
    const { challenge } = await begin(visitor, { email, password });
    for (const proof of [{ totp: '000000' }, { recoveryCode: '0000-0000-0000-0000' }, { passkey: {} }]) {
      const answered = await answer(visitor, challenge!.token, proof);
      expect(answered.tokens).toBeNull();
    }
  });

  test('sets up one: of two logins under way, the second asks for the factor of the first', async () => {
    const [first, second] = [await enrolling(), await enrolling()];
    const { secret } = second;
    expect((await answer(visitor, first.token, { totp: codeOf(first.secret) })).tokens).toBeNull();
    expect((await answer(visitor, first.token, { totp: codeOf(secret) })).tokens).not.toBeNull();
    const late = await answer(visitor, second.token, { totp: codeOf(secret, 1) });
    expect(late).toMatchObject({ tokens: null, userErrors: refused('challenge', 'CHALLENGE_ENDED') });
    expect((await enrol(second.token)).userErrors).toMatchObject([{ code: 'CONFLICT' }]);
  });

  test('is shown no secret for a challenge that is of another kind, or is none', async () => {
    const { token, secret } = await enrolling();
    await answer(visitor, token, { totp: codeOf(secret) });
    const { challenge } = await begin(visitor, { email, password });
    for (const other of [challenge!.token, token, 'lyc_nothing'])
      expect((await enrol(other)).userErrors).toEqual(refused('challenge', 'CHALLENGE_ENDED'));
  });
});

test('a session that began with the password alone ends as it is refreshed; one with a second factor goes on', async () => {
  const alone = await logIn(visitor, email, password);
  await policy(organisation.admin, true);
  expect(await isRefreshed(alone)).toBe(false);
  await policy(organisation.admin, false);
  const raised = await logIn(visitor, email, password);
  await setUpTotp(as(raised), password);
  await policy(organisation.admin, true);
  expect(await isRefreshed(raised)).toBe(true);
});

test('what is set, and by whom, is recorded', async () => {
  await policy(organisation.admin, true);
  const { data } = await organisation.admin<{ auditEvents: { nodes: object[] } }>(
    `{ auditEvents(first: 1, filter: { act: "second-factor-policy.update" }) {
      nodes { act changes { field before after } }
    } }`,
  );
  expect(data.auditEvents.nodes).toEqual([
    {
      act: 'second-factor-policy.update',
      changes: [{ field: 'secondFactorRequired', before: 'false', after: 'true' }],
    },
  ]);
});
