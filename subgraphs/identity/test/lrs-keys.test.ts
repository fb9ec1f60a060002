import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createEventLog, domainEvent } from '@lyceum/events';
import { createLogger } from '@lyceum/service';
import { eventually, type GraphQLClient } from '@lyceum/testing';
import { runIdentity, type RunningIdentity } from './kit/identity.ts';
import { publishedEvents } from './kit/published-events.ts';

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
  expect(secret).toMatch(/^lys_[0-9A-Za-z]{49}$/);
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

interface Rotated {
  lrsKeyRotate: {
    lrsKey: { previousSecretUntil: string } | null;
    secret: string | null;
    userErrors: object[];
  };
}
const rotate = (client: GraphQLClient, input: object) =>
  client<Rotated>(
    `mutation ($input: LrsKeyRotateInput!) {
      lrsKeyRotate(input: $input) { lrsKey { previousSecretUntil } secret userErrors { field code } }
    }`,
    { input },
  );

async function newKey(name: string, more: object = {}) {
  const { data } = await admin<Created>(create, { input: { name, ...more } });
  expect(data.lrsKeyCreate.userErrors).toEqual([]);
  return { id: data.lrsKeyCreate.lrsKey.id, secret: data.lrsKeyCreate.secret };
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();

test('rotating tells the new hash, the one before, and until when that works', async () => {
  const { id, secret } = await newKey('Rotated');
  const { data } = await rotate(admin, { id, overlapHours: 2 });
  const { lrsKey, secret: newer, userErrors } = data.lrsKeyRotate;
  expect(userErrors).toEqual([]);
  const until = new Date(lrsKey!.previousSecretUntil).getTime() - Date.now();
  expect(until / 3_600_000).toBeCloseTo(2, 1);
  const rotated = (known: readonly { type: string; subject: string }[]) =>
    known.find(({ type, subject }) => type === 'lrs-key.rotated' && subject === id);
  const events = await publishedEvents(identity, (known) => {
    expect(rotated(known)).toBeDefined();
  });
  expect(rotated(events)).toMatchObject({
    data: {
      key: {
        secretHash: sha256(newer!),
        previousSecretHash: sha256(secret),
        previousUntil: lrsKey!.previousSecretUntil,
      },
    },
  });
});

test.each([
  ['for less than nothing', -1],
  ['for ever', 1_000],
])('the old secret does not go on %s', async (_how, overlapHours) => {
  const { id } = await newKey('Overlap');
  const { data } = await rotate(admin, { id, overlapHours });
  expect(data.lrsKeyRotate).toEqual({
    lrsKey: null,
    secret: null,
    userErrors: [{ field: ['input', 'overlapHours'], code: 'INVALID' }],
  });
});

test('a key that was ended gets no new secret', async () => {
  const { id } = await newKey('Ended');
  await admin(revoke, { id });
  const { data } = await rotate(admin, { id });
  expect(data.lrsKeyRotate).toMatchObject({ secret: null, userErrors: [{ field: null, code: 'CONFLICT' }] });
});

test('a key tells the store when it expires, and can not have expired already', async () => {
  const expiresAt = inHours(1);
  const { id } = await newKey('Expiring', { expiresAt });
  const created = (known: readonly { type: string; subject: string }[]) =>
    known.find(({ type, subject }) => type === 'lrs-key.created' && subject === id);
  const events = await publishedEvents(identity, (known) => {
    expect(created(known)).toBeDefined();
  });
  expect(created(events)).toMatchObject({ data: { key: { expiresAt } } });
  const { data } = await admin<Created>(create, { input: { name: 'Past', expiresAt: inHours(-1) } });
  expect(data.lrsKeyCreate.userErrors).toEqual([{ field: ['input', 'expiresAt'], code: 'INVALID' }]);
});

test('the last use is the latest that any receiver told, in whatever order', async () => {
  const { id } = await newKey('Used');
  const logger = createLogger({ service: 'test', level: 'silent' });
  const log = await createEventLog({
    directory: join(identity.dataDirectory, 'log'),
    clientId: 'test',
    logger,
  });
  const { data: own } = await admin<{ viewer: { organisation: { id: string } } }>(
    '{ viewer { organisation { id } } }',
  );
  const organisation = own.viewer.organisation.id;
  const used = (lastUsedAt: string, of = organisation) =>
    domainEvent({
      type: 'lrs-key.used',
      subject: id,
      organisation: of,
      data: { key: { id, organisationId: of, lastUsedAt } },
    });
  const [early, late, foreign] = [inHours(-2), inHours(-1), inHours(0)];
  await log.append([used(late), used(early), used(foreign, 'org_of_somebody_else'), used(early)]);
  await eventually(async () => {
    const { data } = await admin<{ lrsKeys: { nodes: { id: string; lastUsedAt: string | null }[] } }>(
      '{ lrsKeys(last: 100) { nodes { id lastUsedAt } } }',
    );
    expect(data.lrsKeys.nodes.find((key) => key.id === id)?.lastUsedAt).toBe(late);
    expect(await log.lag('identity')).toEqual(expect.arrayContaining([expect.objectContaining({ lag: 0 })]));
  });
  await log.close();
});

test('only administrators see keys', async () => {
  const author = await identity.loggedIn('author');
  const { errors } = await author('{ lrsKeys(first: 1) { nodes { key } } }');
  expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN', missing: 'lrs-key.read' } }]);
});
