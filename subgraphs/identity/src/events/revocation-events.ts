import { domainEvent } from '@lyceum/events';
import type { ApiClient } from '../store/api-clients.ts';
import type { PersonalAccessToken } from '../store/personal-access-tokens.ts';
import type { Session } from '../store/sessions.ts';
import type { Store } from '../store/store.ts';

/**
 * Of what gives access tokens no more (docs/decisions/0012). Each tells until when those that it gave would be valid:
 * so long a gateway must know of it.
 */
export const revocationEvents = {
  /** @param accessTokensUntil from when none of their access tokens is valid */
  async sessionsEnded(tx: Store, sessions: readonly Session[], accessTokensUntil: Date): Promise<void> {
    await tx.outbox.insert(sessions.map((session) => sessionEnded(session, accessTokensUntil)));
  },

  /** @param accessTokensUntil as of sessions */
  async apiClientRevoked(tx: Store, client: ApiClient, accessTokensUntil: Date): Promise<void> {
    const { id, organisationId, revokedAt } = client;
    const data = { client: { id, organisationId, ...revocationOf(revokedAt, accessTokensUntil) } };
    await tx.outbox.insert([
      domainEvent({ type: 'api-client.revoked', subject: id, organisation: organisationId, data }),
    ]);
  },

  /** @param accessTokensUntil as of sessions */
  async personalAccessTokensRevoked(
    tx: Store,
    tokens: readonly PersonalAccessToken[],
    accessTokensUntil: Date,
  ): Promise<void> {
    const type = 'personal-access-token.revoked';
    const rows = tokens.map(({ id, userId, organisationId, revokedAt }) => {
      const token = { id, userId, organisationId, ...revocationOf(revokedAt, accessTokensUntil) };
      return domainEvent({ type, subject: id, organisation: organisationId, data: { token } });
    });
    await tx.outbox.insert(rows);
  },
};

const revocationOf = (revokedAt: Date | null, accessTokensUntil: Date) => ({
  revokedAt: (revokedAt ?? new Date()).toISOString(),
  accessTokensUntil: accessTokensUntil.toISOString(),
});

function sessionEnded({ id, userId, organisationId, endedAt }: Session, accessTokensUntil: Date) {
  const session = {
    id,
    userId,
    organisationId,
    endedAt: (endedAt ?? new Date()).toISOString(),
    accessTokensUntil: accessTokensUntil.toISOString(),
  };
  return domainEvent({ type: 'session.ended', subject: id, organisation: organisationId, data: { session } });
}
