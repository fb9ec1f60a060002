import { domainEvent } from '@lyceum/events';
import type { LrsKey } from '../store/lrs-keys.ts';
import type { Store } from '../store/store.ts';
import { xapiScope } from './xapi-scope.ts';

export const lrsKeyEvents = {
  async lrsKeyCreated(
    tx: Store,
    { id, key, secretHash, organisationId, name, scopes, expiresAt }: LrsKey,
  ): Promise<void> {
    const expiry = expiresAt && { expiresAt: expiresAt.toISOString() };
    const data = {
      key: { id, key, secretHash, organisationId, name, scopes: scopes.map(xapiScope), ...expiry },
    };
    await tx.outbox.insert([
      domainEvent({ type: 'lrs-key.created', subject: id, organisation: organisationId, data }),
    ]);
  },

  /** @param previousSecretHash of the secret that works until `previousUntil` */
  async lrsKeyRotated(
    tx: Store,
    { id, key, organisationId, secretHash, previousUntil }: LrsKey,
    previousSecretHash: string,
  ): Promise<void> {
    const until = (previousUntil ?? new Date()).toISOString();
    const data = {
      key: { id, key, organisationId, secretHash, previousSecretHash, previousUntil: until },
    };
    await tx.outbox.insert([
      domainEvent({ type: 'lrs-key.rotated', subject: id, organisation: organisationId, data }),
    ]);
  },

  async lrsKeyRevoked(tx: Store, { id, key, organisationId }: LrsKey, revokedAt: Date): Promise<void> {
    const data = { key: { id, key, organisationId, revokedAt: revokedAt.toISOString() } };
    await tx.outbox.insert([
      domainEvent({ type: 'lrs-key.revoked', subject: id, organisation: organisationId, data }),
    ]);
  },
};
