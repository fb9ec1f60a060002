import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually, graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { decodeJwt } from 'jose';
import { logIn, runIdentity, type RunningIdentity, type Tokens } from './kit/identity.ts';
import {
  answer,
  begin,
  beginTotp,
  codeOf,
  confirmTotp,
  refused,
  setUpTotp,
  wrongCode,
} from './kit/second-factor.ts';
import { connect, sql } from './kit/sql.ts';

// An authenticator app and recovery codes, set up, used and lost.

const password = 'the password';

let identity: RunningIdentity;
let visitor: GraphQLClient;
let admin: GraphQLClient;
let email: string;
let tokens: Tokens;
let accounts = 0;

beforeAll(async () => {
  identity = await runIdentity();
  visitor = graphqlClient(identity.url);
  admin = await identity.loggedIn('admin');
});
afterAll(() => identity.stop());
beforeEach(async () => {
  email = `factor-${(accounts += 1)}@lyceum.example`;
  await createUser(admin, email);
  tokens = await logIn(visitor, email, password);
});

async function createUser(client: GraphQLClient, address: string): Promise<void> {
  const { data } = await client<{ userCreate: { userErrors: unknown[] } }>(
    'mutation ($input: UserCreateInput!) { userCreate(input: $input) { userErrors { code } } }',
    { input: { name: 'Somebody', email: address, password } },
  );
  expect(data.userCreate.userErrors).toEqual([]);
}

const as = ({ accessToken }: Tokens) => graphqlClient(identity.url, accessToken);

const query = <Row extends object>(statement: string, values?: unknown[]) =>
  sql<Row & Record<string, unknown>>(identity.databaseUrl, statement, values);

const ofPerson = `user_id = (SELECT id FROM "user" WHERE email = $1)`;

/** So that the codes of this half minute are good again. */
const halfMinutesLater = () => query(`UPDATE totp SET last_step = 0 WHERE ${ofPerson}`, [email]);

/** So that the wrong guesses so far cost nothing. */
const guessedLongAgo = () => query('UPDATE guess_limit SET failures = -100, blocked_until = now()');

async function refresh({ refreshToken }: Tokens): Promise<Tokens | null> {
  const { data } = await visitor<{ sessionRefresh: { tokens: Tokens | null } }>(
    `mutation ($token: String!) {
      sessionRefresh(input: { refreshToken: $token }) { tokens { accessToken refreshToken } }
    }`,
    { token: refreshToken },
  );
  return data.sessionRefresh.tokens;
}

const challengeOf = async () => (await begin(visitor, { email, password })).challenge!;

const standing = async (of: Tokens) => {
  const { data } = await as(of)<{ viewer: { secondFactors: object } }>(
    '{ viewer { secondFactors { totpSince recoveryCodesLeft } } }',
  );
  return data.viewer.secondFactors;
};

describe('setting up an authenticator app', () => {
  test('shows a secret of 160 bits with the organisation and the address, which counts when it is confirmed', async () => {
    const { enrolment } = await beginTotp(as(tokens), password);
    expect(enrolment!.secret).toMatch(/^[A-Z2-7]{32}$/);
    const uri = new URL(enrolment!.uri);
    expect(decodeURIComponent(uri.pathname)).toContain(email);
    expect(uri.searchParams.get('issuer')).toBe('Demo Academy');
    expect((await begin(visitor, { email, password })).challenge).toBeNull();
    const { recoveryCodes } = await confirmTotp(as(tokens), codeOf(enrolment!.secret));
    expect(new Set(recoveryCodes).size).toBe(10);
    for (const code of recoveryCodes!)
      expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(await standing(tokens)).toEqual({ totpSince: expect.any(String), recoveryCodesLeft: 10 });
    expect((await begin(visitor, { email, password })).tokens).toBeNull();
  });

  test('asks for the password, and for a right code', async () => {
    expect((await beginTotp(as(tokens), 'another password')).userErrors).toEqual(refused('currentPassword'));
    const { enrolment } = await beginTotp(as(tokens), password);
    const { userErrors } = await confirmTotp(as(tokens), wrongCode(enrolment!.secret));
    expect(userErrors).toEqual(refused('code'));
    expect((await begin(visitor, { email, password })).challenge).toBeNull();
  });

  test('is not begun over while one is set up, and not confirmed once its secret is old', async () => {
    const { enrolment } = await beginTotp(as(tokens), password);
    await query(`UPDATE totp SET created_at = now() - interval '11 minutes' WHERE ${ofPerson}`, [email]);
    const late = await confirmTotp(as(tokens), codeOf(enrolment!.secret));
    expect(late.userErrors).toMatchObject([{ code: 'CONFLICT' }]);
    const { secret } = await setUpTotp(as(tokens), password);
    expect((await beginTotp(as(tokens), password)).userErrors).toMatchObject([{ code: 'CONFLICT' }]);
    expect((await confirmTotp(as(tokens), codeOf(secret, 1))).userErrors).toMatchObject([
      { code: 'CONFLICT' },
    ]);
  });

  test('ends the sessions that began without it, but for the one in which it was done', async () => {
    const other = await logIn(visitor, email, password);
    await setUpTotp(as(tokens), password);
    expect(await refresh(other)).toBeNull();
    const refreshed = await refresh(tokens);
    expect(decodeJwt(refreshed!.accessToken)['amr']).toEqual(['pwd', 'otp', 'mfa']);
  });

  test('leaves no session to who logs in with the password alone meanwhile', async () => {
    const { enrolment } = await beginTotp(as(tokens), password);
    const client = await connect(identity.databaseUrl);
    await client.query('BEGIN');
    await client.query(`SELECT 1 FROM membership WHERE ${ofPerson} FOR UPDATE`, [email]);
    // Both wait for the membership: whichever comes first, no session without the factor is left.
    const [confirmed, login] = [
      confirmTotp(as(tokens), codeOf(enrolment!.secret)),
      begin(visitor, { email, password }),
    ];
    await eventually(async () => {
      const waiting = await query(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      expect(waiting).toHaveLength(2);
    });
    await client.query('COMMIT');
    await client.end();
    expect((await confirmed).userErrors).toEqual([]);
    const begun = await login;
    expect(begun.tokens === null ? null : await refresh(begun.tokens)).toBeNull();
  });

  test('keeps the secret encrypted and the recovery codes as keyed digests', async () => {
    const { secret, recoveryCodes } = await setUpTotp(as(tokens), password);
    const [kept] = await query<{ all: string }>(
      `SELECT (SELECT string_agg(totp::text, ' ') FROM totp) || (SELECT string_agg(digest, ' ') FROM recovery_code) AS all`,
    );
    const text = kept!.all;
    for (const shown of [secret, ...recoveryCodes]) expect(text).not.toContain(shown);
  });
});

describe('a login of who has an authenticator app', () => {
  let secret: string;
  let recoveryCodes: string[];

  beforeEach(async () => {
    ({ secret, recoveryCodes } = await setUpTotp(as(tokens), password));
    await halfMinutesLater();
  });

  test('gives no tokens but a challenge, and tokens for a code', async () => {
    const { tokens: none, challenge } = await begin(visitor, { email, password });
    expect(none).toBeNull();
    expect(challenge).toMatchObject({
      kind: 'SECOND_FACTOR',
      methods: ['TOTP', 'RECOVERY_CODE'],
      passkeyOptions: null,
    });
    const lasts = Date.parse(challenge!.expiresAt) - Date.now();
    expect([lasts > 290_000, lasts <= 300_000]).toEqual([true, true]);
    const answered = await answer(visitor, challenge!.token, { totp: codeOf(secret) });
    expect(answered).toMatchObject({ userErrors: [], recoveryCodes: null });
    const claims = decodeJwt(answered.tokens!.accessToken);
    expect(claims['amr']).toEqual(['pwd', 'otp', 'mfa']);
    const refreshed = await refresh(answered.tokens!);
    expect(decodeJwt(refreshed!.accessToken)['amr']).toEqual(['pwd', 'otp', 'mfa']);
  });

  test('with a wrong password is refused like any other: nothing tells of the app', async () => {
    const said = await begin(visitor, { email, password: 'another password' });
    expect(said).toEqual(await begin(visitor, { email: 'nobody@lyceum.example', password }));
    expect(said.challenge).toBeNull();
  });

  test('takes a code once, and none that is older than one it took', async () => {
    const [now, next] = [codeOf(secret), codeOf(secret, 1)];
    expect((await answer(visitor, (await challengeOf()).token, { totp: next })).userErrors).toEqual([]);
    for (const used of [next, now]) {
      const { userErrors } = await answer(visitor, (await challengeOf()).token, { totp: used });
      expect(userErrors).toEqual(refused('totp'));
    }
  });

  test('takes a code once, also of several who show it at the same moment', async () => {
    const challenges = await Promise.all([challengeOf(), challengeOf(), challengeOf(), challengeOf()]);
    const totp = codeOf(secret);
    const answers = await Promise.all(challenges.map(({ token }) => answer(visitor, token, { totp })));
    expect(answers.filter((answered) => answered.tokens !== null)).toHaveLength(1);
  });

  test('gives one session a challenge', async () => {
    const { token } = await challengeOf();
    expect((await answer(visitor, token, { totp: codeOf(secret) })).tokens).not.toBeNull();
    await halfMinutesLater();
    const again = await answer(visitor, token, { totp: codeOf(secret) });
    expect(again).toMatchObject({ tokens: null, userErrors: refused('challenge', 'CHALLENGE_ENDED') });
  });

  test('takes five answers: the sixth is not looked at, be it right', async () => {
    const { token } = await challengeOf();
    for (let count = 0; count < 5; count += 1) {
      const { userErrors } = await answer(visitor, token, { totp: wrongCode(secret) });
      expect(userErrors).toEqual(refused('totp'));
    }
    await guessedLongAgo();
    const sixth = await answer(visitor, token, { totp: codeOf(secret) });
    expect(sixth).toMatchObject({ tokens: null, userErrors: refused('challenge', 'CHALLENGE_ENDED') });
    const another = await answer(visitor, (await challengeOf()).token, { totp: codeOf(secret) });
    expect(another.tokens).not.toBeNull();
  });

  test('looks at five answers of many that come at once', async () => {
    const { token } = await challengeOf();
    await answer(visitor, token, { totp: wrongCode(secret) });
    await guessedLongAgo();
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => answer(visitor, token, { totp: wrongCode(secret) })),
    );
    const codes = answers.flatMap(({ userErrors }) => userErrors.map(({ code }) => code));
    expect(codes.filter((code) => code === 'CREDENTIALS_REFUSED')).toHaveLength(4);
    expect(codes.filter((code) => code === 'CHALLENGE_ENDED')).toHaveLength(8);
  });

  test('is slowed by wrong codes, over all its challenges, and a right password forgives none', async () => {
    const { token } = await challengeOf();
    for (let count = 0; count < 5; count += 1) await answer(visitor, token, { totp: wrongCode(secret) });
    // That the password is right is told here by the conflict, and has forgiven wrong passwords alone.
    expect((await beginTotp(as(tokens), password)).userErrors).toMatchObject([{ code: 'CONFLICT' }]);
    const next = await answer(visitor, (await challengeOf()).token, { totp: codeOf(secret) });
    expect(next).toMatchObject({ tokens: null, userErrors: [{ code: 'TOO_MANY_ATTEMPTS' }] });
    await guessedLongAgo();
    const later = await answer(visitor, (await challengeOf()).token, { totp: codeOf(secret) });
    expect(later.tokens).not.toBeNull();
  });

  test('is recorded: what was refused, how it was made, and that a recovery code was used', async () => {
    const { token } = await challengeOf();
    await answer(visitor, token, { totp: wrongCode(secret) });
    const answered = await answer(visitor, token, { recoveryCode: recoveryCodes[0]! });
    const { sub, sid } = decodeJwt(answered.tokens!.accessToken);
    const rows = await query(
      `SELECT act, outcome, event::jsonb->>'reason' AS reason, event::jsonb->'changes' AS changes, subject_id AS of
       FROM audit_event WHERE subject_id IN ($1, $2) ORDER BY sequence DESC LIMIT 3`,
      [sub, sid],
    );
    expect(rows).toEqual([
      { act: 'recovery-code.use', outcome: 'DONE', reason: null, changes: {}, of: sub },
      {
        act: 'session.create',
        outcome: 'DONE',
        reason: null,
        changes: { methods: [null, ['pwd', 'otp', 'mfa']] },
        of: sid,
      },
      {
        act: 'second-factor.prove',
        outcome: 'REFUSED',
        reason: 'CREDENTIALS_REFUSED',
        changes: {},
        of: sub,
      },
    ]);
  });

  test('ends after five minutes, and with a change of the password', async () => {
    const late = await challengeOf();
    await query(`UPDATE login_challenge SET expires_at = now() - interval '1 second' WHERE ${ofPerson}`, [
      email,
    ]);
    const ended = refused('challenge', 'CHALLENGE_ENDED');
    expect((await answer(visitor, late.token, { totp: codeOf(secret) })).userErrors).toEqual(ended);
    const stale = await challengeOf();
    const { data } = await as(tokens)<{ passwordChange: { userErrors: unknown[] } }>(
      `mutation { passwordChange(input: { currentPassword: "${password}", newPassword: "the new password" }) {
        userErrors { code }
      } }`,
    );
    expect(data.passwordChange.userErrors).toEqual([]);
    expect((await answer(visitor, stale.token, { totp: codeOf(secret) })).userErrors).toEqual(ended);
  });

  test('takes a recovery code once, however it is typed', async () => {
    const code = recoveryCodes[3]!.toLowerCase().replaceAll('-', ' ').replace('0', 'o').replace('1', 'l');
    const answered = await answer(visitor, (await challengeOf()).token, { recoveryCode: code });
    expect(decodeJwt(answered.tokens!.accessToken)['amr']).toEqual(['pwd', 'otp', 'mfa']);
    expect(await standing(answered.tokens!)).toMatchObject({ recoveryCodesLeft: 9 });
    const again = await answer(visitor, (await challengeOf()).token, { recoveryCode: recoveryCodes[3]! });
    expect(again.userErrors).toEqual(refused('recoveryCode'));
  });

  test("takes nobody else's code, nor that of their own in another organisation", async () => {
    const elsewhere = await identity.organisation(`elsewhere-${accounts}`);
    await createUser(elsewhere.admin, email);
    const { data } = await visitor<{ sessionCreate: { tokens: Tokens | null } }>(
      'mutation ($input: SessionCreateInput!) { sessionCreate(input: $input) { tokens { accessToken } } }',
      { input: { email, password, organisation: elsewhere.slug } },
    );
    // The password alone opens the other: what guards one membership guards no other.
    const there = await setUpTotp(as(data.sessionCreate.tokens!), password);
    const { challenge } = (
      await visitor<{ sessionCreate: { challenge: { token: string } } }>(
        'mutation ($input: SessionCreateInput!) { sessionCreate(input: $input) { challenge { token } } }',
        { input: { email, password, organisation: 'demo' } },
      )
    ).data.sessionCreate;
    const [foreign] = there.recoveryCodes;
    expect((await answer(visitor, challenge.token, { totp: codeOf(there.secret, 1) })).tokens).toBeNull();
    expect((await answer(visitor, challenge.token, { recoveryCode: foreign! })).tokens).toBeNull();
    expect((await answer(visitor, challenge.token, { totp: codeOf(secret) })).tokens).not.toBeNull();
  });

  test.each([
    ['none', {}],
    ['two', { totp: '123456', recoveryCode: '0000-0000-0000-0000' }],
  ])('with %s of the proofs is refused', async (_case, proof) => {
    const { userErrors } = await answer(visitor, (await challengeOf()).token, proof);
    expect(userErrors).toEqual([{ field: ['input'], code: 'INVALID' }]);
  });
});

const remove = async (client: GraphQLClient, input: object) => {
  const { data } = await client<{ totpRemove: { secondFactors: object | null; userErrors: object[] } }>(
    `mutation ($input: TotpRemoveInput!) {
      totpRemove(input: $input) { secondFactors { totpSince recoveryCodesLeft } userErrors { field code } }
    }`,
    { input },
  );
  return data.totpRemove;
};

describe('the authenticator app', () => {
  test('is removed with the password and a code; then the password is enough, and no recovery code is left', async () => {
    const { secret } = await setUpTotp(as(tokens), password);
    await halfMinutesLater();
    const totp = codeOf(secret);
    expect((await remove(as(tokens), { currentPassword: 'wrong', totp })).userErrors).toEqual(
      refused('currentPassword'),
    );
    const wrong = await remove(as(tokens), { currentPassword: password, totp: wrongCode(secret) });
    expect(wrong.userErrors).toEqual(refused('totp'));
    expect(await remove(as(tokens), { currentPassword: password, totp })).toEqual({
      secondFactors: { totpSince: null, recoveryCodesLeft: 0 },
      userErrors: [],
    });
    expect((await begin(visitor, { email, password })).tokens).not.toBeNull();
  });

  test('that is lost is removed with a recovery code, and another is set up', async () => {
    const { recoveryCodes } = await setUpTotp(as(tokens), password);
    const [recoveryCode] = recoveryCodes;
    expect((await remove(as(tokens), { currentPassword: password, recoveryCode })).userErrors).toEqual([]);
    const { secret } = await setUpTotp(as(tokens), password);
    const answered = await answer(visitor, (await challengeOf()).token, { totp: codeOf(secret, 1) });
    expect(answered.tokens).not.toBeNull();
  });

  test('that is not there is not removed', async () => {
    const { userErrors } = await remove(as(tokens), { currentPassword: password, totp: '123456' });
    expect(userErrors).toMatchObject([{ code: 'CONFLICT' }]);
  });
});

test('recovery codes are renewed with the password: the old ones end', async () => {
  const renew = async (currentPassword: string) => {
    const { data } = await as(tokens)<{
      recoveryCodesRenew: { recoveryCodes: string[] | null; userErrors: object[] };
    }>(
      `mutation ($input: RecoveryCodesRenewInput!) {
        recoveryCodesRenew(input: $input) { recoveryCodes userErrors { field code } }
      }`,
      { input: { currentPassword } },
    );
    return data.recoveryCodesRenew;
  };
  expect((await renew(password)).userErrors).toMatchObject([{ code: 'CONFLICT' }]);
  const before = (await setUpTotp(as(tokens), password)).recoveryCodes;
  expect((await renew('another password')).userErrors).toEqual(refused('currentPassword'));
  const after = (await renew(password)).recoveryCodes!;
  expect(after).toHaveLength(10);
  const { token } = await challengeOf();
  expect((await answer(visitor, token, { recoveryCode: before[0]! })).tokens).toBeNull();
  expect((await answer(visitor, token, { recoveryCode: after[0]! })).tokens).not.toBeNull();
});

test('an administrator takes the second factors from who lost theirs: their sessions end', async () => {
  const reset = (client: GraphQLClient, userId: unknown) =>
    client<{ secondFactorsReset: { userErrors: unknown[] } }>(
      `mutation ($input: SecondFactorsResetInput!) {
        secondFactorsReset(input: $input) { user { id } userErrors { field code } }
      }`,
      { input: { userId } },
    );
  await setUpTotp(as(tokens), password);
  const { sub } = decodeJwt(tokens.accessToken);
  expect((await reset(as(tokens), sub)).errors?.[0]?.extensions['code']).toBe('FORBIDDEN');
  expect((await reset(admin, sub)).data.secondFactorsReset.userErrors).toEqual([]);
  expect(await refresh(tokens)).toBeNull();
  expect((await begin(visitor, { email, password })).tokens).not.toBeNull();
});
