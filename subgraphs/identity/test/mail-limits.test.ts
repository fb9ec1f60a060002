import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { clientHeader, developmentGatewaySecret, sealClient } from '@lyceum/service';
import { mailLimits } from '../src/domain/mail-limits.ts';
import { setRegistration } from './kit/account-flows.ts';
import { logIn, runIdentity, type RunningIdentity } from './kit/identity.ts';
import { graphqlClient } from '@lyceum/testing';
import { sql } from './kit/sql.ts';

// Mails cost others their patience and an organisation its name: nobody makes as many go out as they like.

let identity: RunningIdentity;
let token: string;

beforeAll(async () => {
  identity = await runIdentity();
  await setRegistration(await identity.loggedIn('admin'), 'OPEN');
  token = (await logIn(graphqlClient(identity.url), 'admin@lyceum.example')).accessToken;
});
beforeEach(() => sql(identity.databaseUrl, 'DELETE FROM counted_window'));
afterAll(() => identity.stop());

/** The code of what is answered to a call from an address, as the gateway tells of it. */
async function from(address: string, query: string, bearer?: string): Promise<string> {
  const response = await fetch(`${identity.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      [clientHeader]: sealClient({ address, userAgent: undefined }, developmentGatewaySecret),
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    },
    body: JSON.stringify({ query }),
  });
  const { data } = (await response.json()) as { data: Record<string, { userErrors: { code: string }[] }> };
  return Object.values(data)[0]?.userErrors[0]?.code ?? 'DONE';
}

const requestReset = (email: string, organisation = '') =>
  `mutation { passwordResetRequest(input: { email: "${email}"${organisation} }) { userErrors { code } } }`;
const registration = (email: string) =>
  `mutation {
    userRegister(input: { organisation: "demo", name: "N", email: "${email}", password: "a long password" }) {
      userErrors { code }
    }
  }`;
const invitation = (email: string) =>
  `mutation { invitationCreate(input: { email: "${email}", roles: [LEARNER] }) { userErrors { code } } }`;
const change = (email: string) =>
  `mutation { emailChangeRequest(input: { newEmail: "${email}", currentPassword: "lyceum-demo" }) { userErrors { code } } }`;

/** As if so many had been asked for within the hour. */
const used = (count: number) => sql(identity.databaseUrl, 'UPDATE counted_window SET count = $1', [count]);

describe('mails that are asked for from one network', () => {
  test('are so many in an hour, whichever they are, and whoever has an account', async () => {
    expect(await from('203.0.113.7', requestReset('learner@lyceum.example'))).toBe('DONE');
    await used(mailLimits.network);
    expect(await from('203.0.113.7', requestReset('learner@lyceum.example'))).toBe('TOO_MANY_ATTEMPTS');
    expect(await from('203.0.113.7', requestReset('nobody@lyceum.example'))).toBe('TOO_MANY_ATTEMPTS');
    expect(await from('203.0.113.7', registration('new@lyceum.example'))).toBe('TOO_MANY_ATTEMPTS');
    expect(await from('203.0.113.7', invitation('guest@lyceum.example'), token)).toBe('TOO_MANY_ATTEMPTS');
    expect(await from('203.0.113.7', change('other@lyceum.example'), token)).toBe('TOO_MANY_ATTEMPTS');
    expect(await from('203.0.113.8', requestReset('learner@lyceum.example'))).toBe('DONE');
  });

  test('are counted of a /64 of IPv6 together', async () => {
    expect(await from('2001:db8:1:2::1', requestReset('nobody@lyceum.example'))).toBe('DONE');
    await used(mailLimits.network);
    expect(await from('2001:db8:1:2:ffff::9', requestReset('nobody@lyceum.example'))).toBe(
      'TOO_MANY_ATTEMPTS',
    );
    expect(await from('2001:db8:1:3::1', requestReset('nobody@lyceum.example'))).toBe('DONE');
  });

  test('are taken again after an hour', async () => {
    expect(await from('203.0.113.9', requestReset('nobody@lyceum.example'))).toBe('DONE');
    await used(mailLimits.network);
    await sql(identity.databaseUrl, "UPDATE counted_window SET began_at = began_at - interval '61 minutes'");
    expect(await from('203.0.113.9', requestReset('nobody@lyceum.example'))).toBe('DONE');
  });

  test('many at once gain nothing', async () => {
    await from('203.0.113.10', requestReset('nobody@lyceum.example'));
    await used(mailLimits.network - 3);
    const asked = Array.from({ length: 12 }, () =>
      from('203.0.113.10', requestReset('nobody@lyceum.example')),
    );
    const answers = await Promise.all(asked);
    expect(answers.filter((code) => code === 'DONE')).toHaveLength(3);
  });
});

test('mails of one organisation are so many in an hour, from wherever they are asked for', async () => {
  const ofDemo = (email: string) => requestReset(email, ', organisation: "demo"');
  expect(await from('198.51.100.1', ofDemo('nobody@lyceum.example'))).toBe('DONE');
  await sql(identity.databaseUrl, "UPDATE counted_window SET count = $1 WHERE subject = 'mails of demo'", [
    mailLimits.organisation,
  ]);
  expect(await from('198.51.100.2', ofDemo('nobody@lyceum.example'))).toBe('TOO_MANY_ATTEMPTS');
  expect(await from('198.51.100.3', registration('newer@lyceum.example'))).toBe('TOO_MANY_ATTEMPTS');
  expect(await from('198.51.100.4', requestReset('nobody@lyceum.example'))).toBe('DONE');
});
