import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { withRequest } from '@lyceum/service';
import { graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { createGuesses, type Guess } from '../src/domain/guesses.ts';
import { runIdentity, tryLogIn, withStore, type RunningIdentity } from './kit/identity.ts';
import { sql } from './kit/sql.ts';

let identity: RunningIdentity;
let visitor: GraphQLClient;

beforeAll(async () => {
  identity = await runIdentity();
  visitor = graphqlClient(identity.url);
});
afterAll(() => identity.stop());

const wrong = (email: string) => tryLogIn(visitor, { email, password: 'a wrong one' });
const codeOf = async (answer: ReturnType<typeof wrong>) => (await answer).userErrors[0]?.code ?? 'TOKENS';

/** As if a time had passed. */
async function later(interval: string): Promise<void> {
  await sql(
    identity.databaseUrl,
    `UPDATE guess_limit SET blocked_until = blocked_until - $1::interval, last_at = last_at - $1::interval`,
    [interval],
  );
}

describe('guessing a password', () => {
  test.each([
    ['of an account', 'learner@lyceum.example'],
    ['of nobody', 'nobody@lyceum.example'],
  ])(
    '%s costs nothing five times, and then ever more time, also for the right one',
    async (_whose, email) => {
      for (let guess = 1; guess <= 5; guess++) expect(await codeOf(wrong(email))).toBe('CREDENTIALS_REFUSED');
      const { userErrors } = await wrong(email);
      expect(userErrors).toEqual([
        { code: 'TOO_MANY_ATTEMPTS', message: 'Too many wrong attempts. Try again in 1 s.' },
      ]);
      expect(await codeOf(tryLogIn(visitor, { email, password: 'lyceum-demo' }))).toBe('TOO_MANY_ATTEMPTS');
      await later('1 second');
      expect(await codeOf(wrong(email))).toBe('CREDENTIALS_REFUSED');
      expect((await wrong(email)).userErrors[0]?.message).toContain('2 s');
    },
  );

  test('is forgotten with the right one, and after a day', async () => {
    const email = 'author@lyceum.example';
    const right = () => codeOf(tryLogIn(visitor, { email, password: 'lyceum-demo' }));
    for (let guess = 1; guess <= 4; guess++) await wrong(email);
    expect(await right()).toBe('TOKENS');
    for (let guess = 1; guess <= 5; guess++) expect(await codeOf(wrong(email))).toBe('CREDENTIALS_REFUSED');
    expect(await right()).toBe('TOO_MANY_ATTEMPTS');
    await later('1 day');
    for (let guess = 1; guess <= 4; guess++) expect(await codeOf(wrong(email))).toBe('CREDENTIALS_REFUSED');
    expect(await right()).toBe('TOKENS');
  });

  test('many at once gains nothing', async () => {
    const email = 'admin@lyceum.example';
    expect(await codeOf(wrong(email))).toBe('CREDENTIALS_REFUSED');
    // From here on one wrong guess closes it for minutes, however slow this machine is.
    await sql(identity.databaseUrl, `UPDATE guess_limit SET failures = 12 WHERE subject LIKE 'account:%'`);
    const codes = await Promise.all(Array.from({ length: 20 }, () => codeOf(wrong(email))));
    expect(codes.filter((code) => code === 'CREDENTIALS_REFUSED')).toHaveLength(1);
    expect(codes.filter((code) => code === 'TOO_MANY_ATTEMPTS')).toHaveLength(19);
  });

  test('somebody elsewhere is not kept out by it, until it comes from everywhere', async () => {
    await withStore(identity.databaseUrl, async (store) => {
      const guesses = createGuesses({ store });
      const from = (address: string): Promise<Guess> =>
        withRequest({ id: 'a', client: { address, userAgent: undefined } }, () => guesses.begin('victim'));
      for (let guess = 1; guess <= 5; guess++) await from('198.51.100.1');
      await expect(from('198.51.100.1')).rejects.toMatchObject({ code: 'TOO_MANY_ATTEMPTS' });
      await expect(from('198.51.100.2')).resolves.toBeDefined();
      for (let guess = 7; guess <= 50; guess++) await from(`2001:db8:0:${guess.toString(16)}::1`);
      await expect(from('192.0.2.1')).rejects.toMatchObject({ code: 'TOO_MANY_ATTEMPTS' });
    });
  });

  test('that is refused counts nowhere: whoever is kept out of one account is not kept out of others by it', async () => {
    await withStore(identity.databaseUrl, async (store) => {
      const guesses = createGuesses({ store });
      const at = (account: string): Promise<Guess> =>
        withRequest({ id: 'a', client: { address: '198.51.100.77', userAgent: undefined } }, () =>
          guesses.begin(account),
        );
      for (let guess = 1; guess <= 5; guess++) await at('kept out of');
      await Promise.all(
        Array.from({ length: 10 }, () => expect(at('kept out of')).rejects.toHaveProperty('code')),
      );
      const counted = await sql(
        identity.databaseUrl,
        `SELECT failures FROM guess_limit WHERE subject = 'address:198.51.100.77'`,
      );
      expect(counted).toEqual([{ failures: 5 }]);
    });
  });

  test('an address that tries account after account is slowed, a whole IPv6 network as one', async () => {
    await withStore(identity.databaseUrl, async (store) => {
      const guesses = createGuesses({ store });
      const at = (place: number, address: string): Promise<Guess> =>
        withRequest({ id: 'a', client: { address, userAgent: undefined } }, () =>
          guesses.begin(`somebody ${place}`),
        );
      for (let place = 1; place <= 100; place++) await at(place, `2001:db8:1:1::${place.toString(16)}`);
      await expect(at(101, '2001:db8:1:1:ffff::1')).rejects.toMatchObject({ code: 'TOO_MANY_ATTEMPTS' });
      await expect(at(102, '2001:db8:1:2::1')).resolves.toBeDefined();
    });
  });
});

test('guessing the current password of a session that somebody left open is slowed', async () => {
  const learner = await (await identity.organisation('guessed')).member('LEARNER');
  const change = async () => {
    const { data } = await learner.ask<{ passwordChange: { userErrors: { code: string }[] } }>(
      `mutation { passwordChange(input: { currentPassword: "a wrong one", newPassword: "of somebody else" }) {
        userErrors { code }
      } }`,
    );
    return data.passwordChange.userErrors[0]?.code;
  };
  for (let guess = 1; guess <= 5; guess++) expect(await change()).toBe('CREDENTIALS_REFUSED');
  expect(await change()).toBe('TOO_MANY_ATTEMPTS');
});
