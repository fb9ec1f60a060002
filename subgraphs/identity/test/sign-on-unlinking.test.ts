import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { graphqlClient, type GraphQLClient } from '@lyceum/testing';
import { decodeJwt } from 'jose';
import { startForgingProvider, type ForgingProvider } from './kit/forging-provider.ts';
import { logIn, runIdentity, setPassword, type RunningIdentity, type Tokens } from './kit/identity.ts';
import { exchange, goesOn, newProvider, removeLink, setReturns, signOn } from './kit/single-sign-on.ts';

// Taking a provider from an account.

let identity: RunningIdentity;
let provider: ForgingProvider;
let admin: GraphQLClient;
let providerId: string;
let people = 0;

beforeAll(async () => {
  [identity, provider] = [await runIdentity(), await startForgingProvider()];
  admin = await identity.loggedIn('admin');
  await setReturns(admin);
  providerId = await newProvider(admin, { issuer: provider.issuer, domains: ['school.example'] });
});
afterAll(async () => {
  await identity.stop();
  await provider.stop();
});

interface Person {
  readonly id: string;
  readonly email: string;
  readonly tokens: Tokens;
  readonly ask: GraphQLClient;
}

/** Somebody whom the provider brought. */
async function somebody(): Promise<Person> {
  const email = `unlinked-${(people += 1)}@school.example`;
  provider.forgery = { claims: { sub: email, email, email_verified: true } };
  const { tokens } = await exchange(identity, (await signOn(identity, providerId)).code);
  const { sub: id = '' } = decodeJwt(tokens!.accessToken);
  return { id, email, tokens: tokens!, ask: graphqlClient(identity.url, tokens!.accessToken) };
}

const linksOf = async ({ ask }: Person) => {
  const { data } = await ask<{ viewer: { signOnLinks: { id: string }[] } }>(
    '{ viewer { signOnLinks { id } } }',
  );
  return data.viewer.signOnLinks.map(({ id }) => id);
};

describe('one’s own link is removed', () => {
  test('with the password: the provider logs nobody in to the account, and what it began ends', async () => {
    const person = await somebody();
    await setPassword(identity, person.id, 'a password of somebody');
    expect(await linksOf(person)).toEqual([providerId]);
    const withPassword = await logIn(graphqlClient(identity.url), person.email, 'a password of somebody');
    const input = { providerId, currentPassword: 'a password of somebody' };
    expect(await removeLink(person.ask, input)).toMatchObject({
      userId: person.id,
      provider: { id: providerId },
      userErrors: [],
    });
    expect([await goesOn(identity, person.tokens), await goesOn(identity, withPassword)]).toEqual([
      false,
      true,
    ]);
    expect(await signOn(identity, providerId)).toEqual({ error: 'link_needed' });
    expect(await linksOf(person)).toEqual([]);
    const again = await removeLink(person.ask, input);
    expect(again.userErrors).toEqual([{ field: ['input', 'providerId'], code: 'NOT_FOUND' }]);
  });

  test('not without the password, where there is one, nor with a wrong one', async () => {
    const person = await somebody();
    await setPassword(identity, person.id, 'a password of somebody');
    const field = ['input', 'currentPassword'];
    const without = await removeLink(person.ask, { providerId });
    expect(without.userErrors).toEqual([{ field, code: 'INVALID' }]);
    const wrong = await removeLink(person.ask, { providerId, currentPassword: 'a wrong password' });
    expect(wrong.userErrors).toEqual([{ field, code: 'CREDENTIALS_REFUSED' }]);
    expect(await linksOf(person)).toEqual([providerId]);
  });

  test('not where it is the last way to log in', async () => {
    const person = await somebody();
    const { userErrors } = await removeLink(person.ask, { providerId });
    expect(userErrors).toMatchObject([{ code: 'CONFLICT' }]);
    expect([await linksOf(person), await goesOn(identity, person.tokens)]).toEqual([[providerId], true]);
  });
});

describe('the link of somebody else is removed', () => {
  test('by an administrator, and that stands in the audit log', async () => {
    const person = await somebody();
    const removed = await removeLink(admin, { providerId, userId: person.id });
    expect(removed).toMatchObject({ userId: person.id, userErrors: [] });
    expect(await goesOn(identity, person.tokens)).toBe(false);
    const { data } = await admin<{ auditEvents: { nodes: object[] } }>(
      '{ auditEvents(first: 1) { nodes { act outcome subjectId } } }',
    );
    const act = 'federated-identity.unlink';
    expect(data.auditEvents.nodes).toEqual([{ act, outcome: 'DONE', subjectId: person.id }]);
  });

  test('by nobody else', async () => {
    const [person, other] = [await somebody(), await somebody()];
    const { errors } = await removeLink(other.ask, { providerId, userId: person.id });
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    expect(await linksOf(person)).toEqual([providerId]);
  });
});
