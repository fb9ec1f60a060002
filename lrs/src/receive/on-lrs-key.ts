import { alreadyHandled, type DomainEvent, type EventHandlers } from '@lyceum/events';
import type { Connection, Database, Store } from '../store/store.ts';

/** The group, and the consumer's name in the inbox. */
export const lrsKeyGroup = 'lrs-keys';

/** Keeps the copies of identity's keys true, and which organisations are closed. */
export function lrsKeyHandlers(store: Database): EventHandlers {
  const once = (event: DomainEvent, change: (tx: Store) => Promise<unknown>) =>
    store.transaction(async (tx, connection) => {
      if (!(await alreadyHandled(executeOn(connection), lrsKeyGroup, event.id))) await change(tx);
    });
  return {
    'lrs-key.created': (event) => {
      const { expiresAt, ...key } = event.data.key;
      const row = { ...key, expiresAt: expiresAt === undefined ? null : new Date(expiresAt) };
      return once(event, (tx) => tx.lrsKeys.insert(row));
    },
    'lrs-key.rotated': (event) => {
      const { id, secretHash, previousSecretHash, previousUntil } = event.data.key;
      const secrets = { secretHash, previousSecretHash, previousUntil: new Date(previousUntil) };
      return once(event, (tx) => tx.lrsKeys.updateSecret(id, secrets));
    },
    'organisation.suspended': async ({ data: { organisation } }) => {
      await store.organisations.upsert({ ...organisation, suspended: true });
    },
    'organisation.reinstated': async ({ data: { organisation } }) => {
      const sessionsFrom = new Date(organisation.sessionsFrom);
      await store.organisations.upsert({ ...organisation, sessionsFrom, suspended: false });
    },
    'lrs-key.revoked': (event) => {
      const { id, revokedAt } = event.data.key;
      return once(event, (tx) => tx.lrsKeys.updateRevoked(id, new Date(revokedAt)));
    },
  };
}

function executeOn(connection: Connection) {
  return (sql: string, params: readonly string[]) => connection.$executeRawUnsafe(sql, ...params);
}
