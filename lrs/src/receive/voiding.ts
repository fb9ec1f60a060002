import { agentKey, verbs } from '@lyceum/xapi';
import type { StatementReader } from '../query/select-statements.ts';
import { UnavailableError } from '../query/unavailable-error.ts';
import { authorityOf } from './authority.ts';
import type { Credential } from './credentials.ts';
import type { SentStatement } from './read-statements.ts';
import { refusals } from './xapi-error.ts';

/**
 * Refuses voiding statements from a key that may not void their targets (Data 2.3.2). With the scope `all` a key voids
 * anything, else what it brought itself. A target that is not here yet is no reason to refuse: where it turns out to be
 * another's it is not voided. Undefined, at once, for the many requests that void nothing.
 *
 * @throws XapiError 403
 */
export type RequireVoiding = (
  statements: readonly SentStatement[],
  credential: Credential,
) => Promise<void> | undefined;

export function createRequireVoiding(o: {
  reader: Pick<StatementReader, 'hasOthers'>;
  publicUrl: string;
}): RequireVoiding {
  async function requireOwn(targets: readonly string[], credential: Credential): Promise<void> {
    const authority = agentKey(authorityOf(o.publicUrl, credential)) ?? '';
    const isForeign = await o.reader
      .hasOthers(credential.organisationId, targets, authority)
      .catch((error: unknown) => {
        // Accepting does not wait for ClickHouse; reading decides by the same rule.
        if (error instanceof UnavailableError) return false;
        throw error;
      });
    if (isForeign) throw refusals.foreignVoiding();
  }

  return (statements, credential) => {
    if (credential.scopes.has('all')) return undefined;
    const targets = statements.flatMap(({ statement: { verb, object } }) =>
      verb.id === verbs.voided && object.objectType === 'StatementRef' ? [object.id.toLowerCase()] : [],
    );
    return targets.length === 0 ? undefined : requireOwn(targets, credential);
  };
}
