import { agentKey, verbs, type Statement } from '@lyceum/xapi';
import type { StatementIds } from '../ids/statement-ids.ts';
import type { FoundStatement, StatementReader } from '../query/select-statements.ts';
import { UnavailableError } from '../query/unavailable-error.ts';

/**
 * A statement by its id, as soon as it was accepted: from ClickHouse, or from where it waits for ClickHouse. None that is
 * voided, as far as ClickHouse knows.
 *
 * @throws UnavailableError where ClickHouse does not answer, and the statement does not wait for it
 */
export async function selectAtOnce(o: {
  reader: Pick<StatementReader, 'selectOptional' | 'isVoided'>;
  ids: Pick<StatementIds, 'selectOptional'>;
  organisationId: string;
  id: string;
  /** As in StatementFilter. */
  authority: string | undefined;
}): Promise<FoundStatement | null> {
  const { reader, ids, organisationId, id, authority } = o;
  const select = () => reader.selectOptional({ organisationId, id, authority, voided: false });
  const unread: unknown[] = [];
  const found = await select().catch((error: unknown) => {
    if (!(error instanceof UnavailableError)) throw error;
    unread.push(error);
    return null;
  });
  if (found !== null) return found;
  const waiting = await ids.selectOptional(organisationId, id);
  if (waiting !== null) {
    const isThere = isOf(waiting, authority) && !(await isVoided(reader, organisationId, waiting));
    return isThere ? waiting : null;
  }
  if (unread.length > 0) throw unread[0];
  // Between the two looks it may have come into ClickHouse, and ceased to wait.
  return select();
}

/** Where ClickHouse does not answer, nothing is known of a voiding. */
async function isVoided(
  reader: Pick<StatementReader, 'isVoided'>,
  organisationId: string,
  { id, text }: FoundStatement,
): Promise<boolean> {
  const { authority, verb } = JSON.parse(text) as Statement;
  if (verb.id === verbs.voided) return false;
  const key = (authority && agentKey(authority)) ?? '';
  return reader.isVoided(organisationId, id, key).catch((error: unknown) => {
    if (error instanceof UnavailableError) return false;
    throw error;
  });
}

function isOf({ text }: FoundStatement, authority: string | undefined): boolean {
  if (authority === undefined) return true;
  const { authority: own } = JSON.parse(text) as Statement;
  return own !== undefined && agentKey(own) === authority;
}
