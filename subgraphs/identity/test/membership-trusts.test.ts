import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import type { GraphQLClient } from '@lyceum/testing';
import { decodeJwt } from 'jose';
import { requestReset, reset, setRegistration } from './kit/account-flows.ts';
import { act } from './kit/acting.ts';
import { runIdentity, type Organisation, type RunningIdentity } from './kit/identity.ts';
import { mailsTo, newestMail, tokenIn } from './kit/mailbox.ts';
import { answer, codeOf, setUpTotp, wrongCode } from './kit/second-factor.ts';
import { sql } from './kit/sql.ts';
import {
  inNorth,
  inSouth,
  northAndSouth,
  outcome,
  switchTo,
  type NorthAndSouth,
} from './kit/north-and-south.ts';

let identity: RunningIdentity;
let visitor: GraphQLClient;
let north: Organisation;
let south: Organisation;
let join: NorthAndSouth['join'];
let here: NorthAndSouth['here'];
let person: NorthAndSouth['person'];
let trusted: NorthAndSouth['trusted'];

beforeAll(async () => {
  identity = await runIdentity();
  ({ visitor, north, south, join, here, person, trusted } = await northAndSouth(identity));
});
afterAll(() => identity.stop());

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
