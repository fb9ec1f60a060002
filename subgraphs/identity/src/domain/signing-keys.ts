import { newId } from '@lyceum/service';
import {
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  importJWK,
  type CryptoKey,
  type JWK,
  type JWTVerifyGetKey,
} from 'jose';
import type { SigningKey } from '../store/signing-keys.ts';
import type { Database, Store } from '../store/store.ts';
import { recordActs, system } from './audit.ts';
import { dayMs, minuteMs } from './durations.ts';
import type { Encryption } from './encryption.ts';

/** The keys that sign access tokens. What they answer changes as they are rotated. */
export interface SigningKeys {
  /** The key that signs now. */
  readonly current: { readonly id: string; readonly privateKey: CryptoKey | Uint8Array };
  /** Every key by which a token may be verified, now or soon (RFC 7517 JWK Set). */
  readonly published: { readonly keys: readonly JWK[] };
  /** For this process, which needs no request to verify. */
  readonly verify: JWTVerifyGetKey;
  /** Takes over what other instances did, makes the next key where it is time, and deletes those that are over. */
  rotate(): Promise<void>;
}

export interface SigningKeyOptions {
  readonly store: Database;
  readonly encryption: Encryption;
  /** Days that a key signs. */
  readonly rotationDays: number;
  /** Seconds that an access token lasts. */
  readonly tokenSeconds: number;
  readonly now?: () => number;
}

/** From its publication until it signs: verifiers ask for the keys every ten minutes, and caches keep them for five. */
const announcedMs = 20 * minuteMs;

/** For clocks that differ, after the last token that a key can have signed. */
const leewayMs = 5 * minuteMs;

/** Loads the signing keys; the first instance that ever starts makes one. */
export async function loadSigningKeys(options: SigningKeyOptions): Promise<SigningKeys> {
  const { store, encryption, now = Date.now } = options;
  const times = { rotationMs: options.rotationDays * dayMs, tokenMs: options.tokenSeconds * 1_000 };
  let current: SigningKeys['current'] | undefined;
  let published: { keys: JWK[] } = { keys: [] };
  let verify: JWTVerifyGetKey = createLocalJWKSet(published);

  async function rotate(): Promise<void> {
    const known = await store.signingKeys.selectMany();
    const keys = isDue(known, times, now()) ? await store.transaction((tx) => renew(tx)) : known;
    const signing = keyThatSigns(keys, now());
    if (signing.id !== current?.id) {
      const privateJwk = JSON.parse(await encryption.open(signing.privateJwk, signing.id)) as JWK;
      current = { id: signing.id, privateKey: await importJWK(privateJwk, 'ES256') };
    }
    published = { keys: keys.map(({ publicJwk }) => publicJwk as JWK) };
    verify = createLocalJWKSet(published);
  }

  /** Under the lock, for another instance may have done it. */
  async function renew(tx: Store): Promise<SigningKey[]> {
    await tx.signingKeys.lock();
    const known = await tx.signingKeys.selectMany();
    if (!isDue(known, times, now())) return known;
    const over = known.filter((key) => isOver(key, known, times, now()));
    const made = isNextDue(known, times, now()) ? [await makeKey(tx)] : [];
    await tx.signingKeys.deleteMany(over.map(({ id }) => id));
    await recordActs(tx, [
      ...made.map(({ id }) => keyAct('create', id)),
      ...over.map(({ id }) => keyAct('delete', id)),
    ]);
    return [...made, ...known.filter((key) => !over.includes(key))];
  }

  async function makeKey(tx: Store): Promise<SigningKey> {
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
    const id = newId('jwk');
    const publicJwk = { ...(await exportJWK(publicKey)), kid: id, alg: 'ES256', use: 'sig' };
    const privateJwk = encryption.seal(JSON.stringify(await exportJWK(privateKey)), id);
    const first = (await tx.signingKeys.selectMany()).length === 0;
    const signsFrom = new Date(now() + (first ? 0 : announcedMs));
    return tx.signingKeys.insert({ id, publicJwk, privateJwk, signsFrom });
  }

  await rotate();
  return {
    get current() {
      if (!current) throw new Error('There is no signing key.');
      return current;
    },
    get published() {
      return published;
    },
    verify: (header, token) => verify(header, token),
    rotate,
  };
}

interface Times {
  readonly rotationMs: number;
  readonly tokenMs: number;
}

function keyAct(verb: 'create' | 'delete', subjectId: string) {
  return { act: `signing-key.${verb}`, by: system, organisationId: '', subjectId } as const;
}

/** `keys`: the one that signs last first. */
function isDue(keys: readonly SigningKey[], times: Times, now: number): boolean {
  return isNextDue(keys, times, now) || keys.some((key) => isOver(key, keys, times, now));
}

function isNextDue([last]: readonly SigningKey[], { rotationMs }: Times, now: number): boolean {
  return !last || last.signsFrom.getTime() + rotationMs - announcedMs <= now;
}

/** Has another key signed for so long that no token of this one can be left? */
function isOver(key: SigningKey, keys: readonly SigningKey[], { tokenMs }: Times, now: number): boolean {
  const successor = keys[keys.indexOf(key) - 1];
  return successor !== undefined && successor.signsFrom.getTime() + tokenMs + leewayMs <= now;
}

function keyThatSigns(keys: readonly SigningKey[], now: number): SigningKey {
  const signing = keys.find(({ signsFrom }) => signsFrom.getTime() <= now) ?? keys.at(-1);
  if (!signing) throw new Error('There is no signing key.');
  return signing;
}
