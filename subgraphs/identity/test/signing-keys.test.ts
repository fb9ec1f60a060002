import { beforeAll, expect, test } from '@jest/globals';
import { prepareDatabase } from '@lyceum/testing';
import { workspaceFile } from '@lyceum/service';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { createAccessTokens } from '../src/domain/access-tokens.ts';
import { createEncryption } from '../src/domain/encryption.ts';
import { loadSigningKeys, type SigningKeys } from '../src/domain/signing-keys.ts';
import { withStore } from './kit/identity.ts';

const day = 86_400_000;
const minute = 60_000;

let databaseUrl: string;
let now = Date.now();

beforeAll(async () => {
  databaseUrl = await prepareDatabase('identity', workspaceFile('subgraphs/identity', 'prisma/migrations'));
});

/** An instance whose clock is the test's. */
async function withInstances<T>(count: number, work: (keys: SigningKeys[]) => Promise<T>): Promise<T> {
  const encryption = await createEncryption('a secret of our own');
  return withStore(databaseUrl, async (store) => {
    const options = { store, encryption, rotationDays: 30, tokenSeconds: 600, now: () => now };
    return work(await Promise.all(Array.from({ length: count }, () => loadSigningKeys(options))));
  });
}

const idsOf = ({ published }: SigningKeys) => published.keys.map(({ kid }) => kid).sort();

test('a key is announced before it signs, and stays until its last token has ended', async () => {
  await withInstances(2, async ([one, other]) => {
    if (!one || !other) throw new Error('there are two');
    const first = one.current.id;
    expect([idsOf(one), idsOf(other), other.current.id]).toEqual([[first], [first], first]);

    const tokens = createAccessTokens({ keys: one, issuer: 'us', seconds: 600 });
    const person = { sessionId: 's', userId: 'u', organisationId: 'o', held: { roles: [] }, methods: [] };
    now += 30 * day - 19 * minute;
    await Promise.all([one.rotate(), other.rotate()]);
    expect(idsOf(one)).toHaveLength(2);
    expect(idsOf(other)).toEqual(idsOf(one));
    expect([one.current.id, other.current.id]).toEqual([first, first]);
    const { accessToken: old } = await tokens.sign(person);

    now += 21 * minute;
    await one.rotate();
    const second = one.current.id;
    expect(second).not.toBe(first);
    const { accessToken: young } = await tokens.sign(person);
    expect(decodeProtectedHeader(young).kid).toBe(second);
    // The other instance has not looked since: it knows both.
    for (const token of [old, young])
      await expect(jwtVerify(token, other.verify, { issuer: 'us' })).resolves.toBeDefined();

    now += 16 * minute;
    await other.rotate();
    expect(idsOf(other)).toEqual([second]);
    expect(other.current.id).toBe(second);
  });
});

test('an instance that starts with another secret says so, and which variable holds it', async () => {
  const encryption = await createEncryption('a secret of others');
  const load = withStore(databaseUrl, (store) =>
    loadSigningKeys({ store, encryption, rotationDays: 30, tokenSeconds: 600, now: () => now }),
  );
  await expect(load).rejects.toThrow('KEY_ENCRYPTION_SECRET');
});
