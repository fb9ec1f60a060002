import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { GraphQLClient } from '@lyceum/testing';
import { runIdentity, type RunningIdentity } from './identity.ts';
import { publishedEvents } from './published-events.ts';

let identity: RunningIdentity;
let admin: GraphQLClient;

beforeAll(async () => {
  identity = await runIdentity();
  admin = await identity.loggedIn('admin');
});
afterAll(() => identity.stop());

interface Created {
  lrsKeyCreate: {
    lrsKey: { id: string; key: string; scopes: string[] };
    secret: string;
    userErrors: object[];
  };
}
const create = `mutation ($input: LrsKeyCreateInput!) {
  lrsKeyCreate(input: $input) { lrsKey { id key scopes } secret userErrors { field code } }
}`;
const revoke = `mutation ($id: ID!) {
  lrsKeyRevoke(input: { id: $id }) { lrsKey { id revokedAt } userErrors { field code } }
}`;

test('a key and its end reach the event log, its secret only as a hash', async () => {
  const { data } = await admin<Created>(create, {
    input: { name: 'Course player', scopes: ['STATEMENTS_WRITE'] },
  });
  const { lrsKey, secret, userErrors } = data.lrsKeyCreate;
  expect(userErrors).toEqual([]);
  expect(secret).toMatch(/^lys_[\w-]{43}$/);
  await admin(revoke, { id: lrsKey.id });
  const events = await publishedEvents(identity, (known) => {
    expect(known.some(({ type, subject }) => type === 'lrs-key.revoked' && subject === lrsKey.id)).toBe(true);
  });
  const secretHash = createHash('sha256').update(secret).digest('hex');
  expect(
    events.find(({ type, subject }) => type === 'lrs-key.created' && subject === lrsKey.id),
  ).toMatchObject({
    data: { key: { key: lrsKey.key, secretHash, scopes: ['statements/write'] } },
  });
  expect(JSON.stringify(events)).not.toContain(secret);
});

test('the demo organisation, its people and its key are told as events', async () => {
  await publishedEvents(identity, (known) => {
    const types = known.map(({ type }) => type);
    expect(types.filter((type) => type === 'membership.changed')).toHaveLength(4);
    expect(types.filter((type) => type === 'user.registered')).toHaveLength(4);
    expect(types).toEqual(expect.arrayContaining(['organisation.created', 'lrs-key.created']));
  });
});

test('ending a key twice keeps the time of the first', async () => {
  const { data } = await admin<Created>(create, { input: { name: 'Twice' } });
  const first = await admin(revoke, { id: data.lrsKeyCreate.lrsKey.id });
  const second = await admin(revoke, { id: data.lrsKeyCreate.lrsKey.id });
  expect(second.data).toEqual(first.data);
});

test.each([
  ['without a name', { name: ' ' }, 'name'],
  ['with half a character in its name', { name: 'a\ud800b' }, 'name'],
  ['with a control character in its name', { name: 'a\u0000b' }, 'name'],
  ['without a scope', { name: 'X', scopes: [] }, 'scopes'],
])('a key %s is refused', async (_case, input, field) => {
  const { data } = await admin(create, { input });
  expect(data).toMatchObject({
    lrsKeyCreate: { secret: null, userErrors: [{ field: ['input', field], code: 'INVALID' }] },
  });
});

test('only administrators see keys', async () => {
  const author = await identity.loggedIn('author');
  const { errors } = await author('{ lrsKeys(first: 1) { nodes { key } } }');
  expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN', missing: 'lrs-key.read' } }]);
});
