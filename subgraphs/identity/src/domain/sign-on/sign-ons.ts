import { newSecret, type Viewer } from '@lyceum/service';
import { randomNonce, randomPKCECodeVerifier, randomState } from 'openid-client';
import type { IdentityEvents } from '../../events/identity-events.ts';
import type { IdentityProvider } from '../../store/identity-providers.ts';
import type { SignOn } from '../../store/sign-ons.ts';
import type { Database, Store } from '../../store/store.ts';
import { recordAct, visitor } from '../audit.ts';
import type { Encryption } from '../encryption.ts';
import type { LoginMethod } from '../login-methods.ts';
import { hashSecret } from '../secrets.ts';
import { admittedEmail, personOf } from './federated-people.ts';
import { registrationOf } from './registration-of.ts';
import type { Claims, RelyingParty } from './relying-party.ts';
import { SignOnError } from './sign-on-error.ts';

/** A browser that is about to go to a provider. */
export interface Begun {
  readonly providerUrl: URL;
  /** What comes back from the provider. */
  readonly state: string;
  /** What the browser keeps, and shows when it comes back. */
  readonly browser: string;
}

/** Where a browser comes back to, and with what. */
export interface Returned {
  readonly returnTo: string;
  /** For `sessionCreateByCode`, `signOnLinkFinish`, or for the person. */
  readonly outcome: { readonly name: 'code' | 'link' | 'error'; readonly value: string };
}

export type SignOns = ReturnType<typeof createSignOns>;

const lastsMs = 600_000;
const codeMs = 60_000;

/**
 * The way of a browser to a provider and back. What is known of it is in PostgreSQL: any instance takes it back. It is
 * good once, for ten minutes, and only in the browser that began it (RFC 9700, 4.7 and 4.2.4).
 */
export function createSignOns(options: {
  store: Database;
  events: IdentityEvents;
  encryption: Encryption;
  party: RelyingParty;
}) {
  const { store, events, encryption, party } = options;

  /** @throws SignOnError provider_unavailable */
  async function send(
    provider: IdentityProvider,
    { returnTo, linkUserId }: { returnTo: string; linkUserId: string | null },
  ): Promise<Begun> {
    const checks = { state: randomState(), nonce: randomNonce(), codeVerifier: randomPKCECodeVerifier() };
    const providerUrl = await party.authorizationUrl(await registrationOf(encryption, provider), checks);
    const browser = newSecret('lyb');
    const stateHash = hashSecret(checks.state);
    await store.signOns.insert({
      stateHash,
      organisationId: provider.organisationId,
      providerId: provider.id,
      browserHash: hashSecret(browser),
      sealedVerifier: encryption.seal(checks.codeVerifier, contextOf('verifier', stateHash)),
      sealedNonce: encryption.seal(checks.nonce, contextOf('nonce', stateHash)),
      returnTo,
      linkUserId,
      expiresAt: new Date(Date.now() + lastsMs),
    });
    return { providerUrl, state: checks.state, browser };
  }

  async function enabledProvider(id: string): Promise<IdentityProvider | undefined> {
    const provider = await store.identityProviders.selectOptional(id);
    const [organisation] = await store.organisations.selectMany([provider?.organisationId ?? '']);
    return provider?.enabled === true && !organisation?.suspendedAt ? provider : undefined;
  }

  /** @throws SignOnError */
  async function claimsOf(provider: IdentityProvider, signOn: SignOn, state: string, query: string) {
    const { stateHash, sealedVerifier, sealedNonce } = signOn;
    const codeVerifier = await encryption.open(sealedVerifier, contextOf('verifier', stateHash));
    const nonce = await encryption.open(sealedNonce, contextOf('nonce', stateHash));
    return party.claimsOf(await registrationOf(encryption, provider), query, { state, nonce, codeVerifier });
  }

  /** A code for who is logged in, once the claims' person is known to be let in. @throws SignOnError */
  async function logIn(tx: Store, provider: IdentityProvider, claims: Claims): Promise<Returned['outcome']> {
    const userId = await personOf(tx, events, provider, claims);
    const membership = await tx.memberships.selectOptionalOpen(provider.organisationId, userId);
    if (!membership) throw new SignOnError('membership_ended');
    const providerSession = sessionOf(claims);
    const value = await issueCode(tx, 'LOGIN', provider, {
      userId,
      methods: methodsOf(claims),
      providerSession,
    });
    return { name: 'code', value };
  }

  /** A code for who began to add the provider: with it, and logged in, they do. @throws SignOnError */
  async function link(tx: Store, provider: IdentityProvider, userId: string, claims: Claims) {
    admittedEmail(provider, claims);
    const value = await issueCode(tx, 'LINK', provider, { userId, subject: claims.sub });
    return { name: 'link', value } as const;
  }

  async function outcomeOf(signOn: SignOn, state: string, query: string): Promise<Returned['outcome']> {
    const { providerId, linkUserId } = signOn;
    try {
      const provider = await enabledProvider(providerId);
      if (!provider) throw new SignOnError('sign_on_failed');
      const claims = await claimsOf(provider, signOn, state, query);
      return await store.transaction((tx) =>
        linkUserId === null ? logIn(tx, provider, claims) : link(tx, provider, linkUserId, claims),
      );
    } catch (error) {
      if (!(error instanceof SignOnError)) throw error;
      await recordRefusal(store, signOn, error);
      return { name: 'error', value: error.fault };
    }
  }

  return {
    /**
     * Sends a browser to a provider. Undefined where there is no such provider that is enabled, or the return address is
     * none of its organisation's: nothing is sent where nobody said so (RFC 9700, 4.11).
     *
     * @throws SignOnError provider_unavailable
     */
    async begin(providerId: string, returnTo: string): Promise<Begun | undefined> {
      const provider = await enabledProvider(providerId);
      const [organisation] = await store.organisations.selectMany([provider?.organisationId ?? '']);
      if (!provider || !organisation?.signOnReturns.includes(returnTo)) return undefined;
      return send(provider, { returnTo, linkUserId: null });
    },

    /** Sends the browser of who begins to add the provider to their account. @throws SignOnError provider_unavailable */
    async beginLink(providerId: string, token: string): Promise<Begun | undefined> {
      const known = await store.signOns.deleteCodeReturning(hashSecret(token), 'LINK_BEGIN');
      if (known?.providerId !== providerId || known.returnTo === null) return undefined;
      const provider = await enabledProvider(providerId);
      return provider && send(provider, { returnTo: known.returnTo, linkUserId: known.userId });
    },

    /** Takes a browser back. Undefined where it is none that was sent, or another one: nowhere is trusted then. */
    async finish({
      state,
      browser,
      query,
    }: {
      state: string;
      browser: string;
      query: string;
    }): Promise<Returned | undefined> {
      const signOn = await store.signOns.deleteReturning(hashSecret(state), hashSecret(browser));
      if (!signOn) return undefined;
      return { returnTo: signOn.returnTo, outcome: await outcomeOf(signOn, state, query) };
    },
  };
}

const contextOf = (what: 'verifier' | 'nonce', stateHash: string) => `sign-on ${what} ${stateHash}`;

/** A one-time code, which lasts a minute unless told otherwise. */
export async function issueCode(
  tx: Store,
  purpose: 'LOGIN' | 'LINK' | 'LINK_BEGIN',
  { organisationId, id: providerId }: IdentityProvider,
  of: {
    readonly userId: Viewer['userId'];
    readonly subject?: string;
    readonly methods?: LoginMethod[];
    readonly providerSession?: string | null;
    readonly returnTo?: string;
    readonly lastsMs?: number;
  },
): Promise<string> {
  const code = newSecret('lyo');
  await tx.signOns.insertCode({
    hash: hashSecret(code),
    purpose,
    organisationId,
    providerId,
    userId: of.userId,
    subject: of.subject ?? null,
    returnTo: of.returnTo ?? null,
    methods: of.methods ?? [],
    providerSession: of.providerSession ?? null,
    expiresAt: new Date(Date.now() + (of.lastsMs ?? codeMs)),
  });
  return code;
}

/** A provider that asked for a second factor says `mfa` (RFC 8176, 2), and is believed, as it is in all else. */
function methodsOf({ amr }: Claims): LoginMethod[] {
  return Array.isArray(amr) && amr.includes('mfa') ? ['fed', 'mfa'] : ['fed'];
}

/** What the provider calls its session, where it says so (OpenID Connect Back-Channel Logout 1.0, 2.1). */
const sessionOf = ({ sid }: Claims): string | null => (typeof sid === 'string' ? sid : null);

function recordRefusal(store: Database, signOn: SignOn, { fault }: SignOnError): Promise<void> {
  return recordAct(store, {
    act: signOn.linkUserId === null ? 'session.create' : 'federated-identity.link',
    by: visitor,
    organisationId: signOn.organisationId,
    subjectId: signOn.providerId,
    refused: fault.toUpperCase(),
  });
}
