import type { IdentityProvider } from '../../store/identity-providers.ts';
import type { SessionsOfProvider } from '../../store/sessions.ts';
import type { Database, Store } from '../../store/store.ts';
import { recordAct, visitor, type AuditEntry } from '../audit.ts';
import type { Encryption } from '../encryption.ts';
import { hashSecret } from '../secrets.ts';
import type { Sessions } from '../sessions.ts';
import { LogoutTokenError, type LogoutClaims } from './logout-token.ts';
import { endOfProvider, peopleOfProvider } from './provider-sessions.ts';
import { registrationOf } from './registration-of.ts';
import type { RelyingParty } from './relying-party.ts';

export type BackChannelLogouts = ReturnType<typeof createBackChannelLogouts>;

/** Why a provider's message logged nobody out. */
export class LogoutRefusedError extends Error {
  override name = 'LogoutRefusedError';
}

/**
 * A provider says that somebody logged out there (OpenID Connect Back-Channel Logout 1.0): what it began for them here
 * ends, and nothing else.
 */
export function createBackChannelLogouts(options: {
  store: Database;
  sessions: Sessions;
  encryption: Encryption;
  party: RelyingParty;
}) {
  const { store, sessions, encryption, party } = options;

  /** @throws LogoutRefusedError */
  async function claimsOf(provider: IdentityProvider, token: string): Promise<LogoutClaims> {
    try {
      return await party.logoutClaimsOf(await registrationOf(encryption, provider), token);
    } catch (error) {
      throw new LogoutRefusedError('The logout token is refused.', { cause: error });
    }
  }

  /** Of a session that is named, whoever it is of: the provider named it in the ID token of the login. */
  async function whichOf(
    tx: Store,
    { organisationId, id: providerId }: IdentityProvider,
    { subject, session }: LogoutClaims,
  ): Promise<SessionsOfProvider | undefined> {
    const of = { organisationId, providerId, ...(session === undefined ? {} : { providerSession: session }) };
    if (subject === undefined) return of;
    const known = await tx.federatedIdentities.selectOptional(organisationId, providerId, subject);
    return known ? { ...of, userId: known.userId } : undefined;
  }

  async function end(tx: Store, provider: IdentityProvider, claims: LogoutClaims): Promise<void> {
    const { organisationId, id: providerId } = provider;
    const tokenHash = hashSecret(claims.id);
    const used = { organisationId, providerId, tokenHash, expiresAt: claims.expiresAt };
    if ((await tx.usedLogoutTokens.insertOptional(used)) === 0)
      throw new LogoutRefusedError('The logout token was used.', {
        cause: new LogoutTokenError('The logout token was used.'),
      });
    const which = await whichOf(tx, provider, claims);
    if (!which) return;
    // A login that is completed at this moment holds the membership: it is waited for, and ended too.
    const people = await peopleOfProvider(tx, which);
    for (const userId of people) await tx.memberships.lock(organisationId, userId);
    for (const userId of people) {
      const count = await endOfProvider(tx, sessions, { ...which, userId });
      await recordAct(tx, endedBy(provider, userId, count));
    }
  }

  return {
    /**
     * Ends the sessions that a logout token names. Where there are none, the person is logged out already, and the
     * provider is answered the same (2.8 of the specification).
     *
     * @throws LogoutRefusedError
     */
    async logOut(providerId: string, token: string): Promise<void> {
      const provider = await store.identityProviders.selectOptional(providerId);
      if (!provider?.enabled) throw new LogoutRefusedError('There is no such provider.');
      const claims = await claimsOf(provider, token);
      await store.transaction((tx) => end(tx, provider, claims));
    },
  };
}

/** Whoever speaks for the provider is nobody who is logged in. */
function endedBy({ organisationId, id }: IdentityProvider, subjectId: string, count: number): AuditEntry {
  const changes = { provider: [id, id], endedSessions: [null, count] } as const;
  return { act: 'federated-identity.log-out', by: visitor, organisationId, subjectId, changes };
}
