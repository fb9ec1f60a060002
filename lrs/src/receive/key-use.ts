import { domainEvent, type AppendRecord } from '@lyceum/events';
import type { Logger } from '@lyceum/service';
import type { Credential } from './credentials.ts';

/** Which keys were used since it was last told. */
export interface KeyUse {
  /** On the path of every request: no more than a note. */
  readonly note: (credential: Credential, at: number) => void;
  /** Tells what it has not told yet. */
  stop(): Promise<void>;
}

interface Use {
  readonly organisationId: string;
  at: number;
}

/**
 * Tells identity of the use of keys, once a minute and key at most. Several receivers each tell what they know, and
 * the latest counts; what one that crashes had not told is lost.
 */
export function createKeyUse(o: {
  append: (records: readonly AppendRecord[]) => Promise<void>;
  logger: Logger;
  everyMs?: number;
}): KeyUse {
  const { append, logger, everyMs = 60_000 } = o;
  let uses = new Map<string, Use>();

  function note({ keyId, organisationId }: Pick<Credential, 'keyId' | 'organisationId'>, at: number): void {
    const known = uses.get(keyId);
    if (known === undefined) uses.set(keyId, { organisationId, at });
    else if (at > known.at) known.at = at;
  }

  async function tell(): Promise<void> {
    const told = uses;
    uses = new Map();
    try {
      await append([...told].map(([id, use]) => used(id, use)));
    } catch (error) {
      logger.warn({ err: error, keys: told.size }, 'the use of keys was not told, trying again later');
      for (const [keyId, { organisationId, at }] of told) note({ keyId, organisationId }, at);
    }
  }

  const timer = setInterval(() => void tell(), everyMs).unref();
  return {
    note,
    async stop() {
      clearInterval(timer);
      await tell();
    },
  };
}

function used(id: string, { organisationId, at }: Use) {
  const key = { id, organisationId, lastUsedAt: new Date(at).toISOString() };
  return domainEvent({ type: 'lrs-key.used', subject: id, organisation: organisationId, data: { key } });
}
