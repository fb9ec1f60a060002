import { agentKey, type Statement } from '@lyceum/xapi';
import type { StatementIds } from '../ids/statement-ids.ts';
import type { FoundStatement, StatementReader } from '../query/select-statements.ts';
import { UnavailableError } from '../query/unavailable-error.ts';

/**
 * A statement by its id, as soon as it was accepted: from ClickHouse, or from where it waits for ClickHouse.
 *
 * @throws UnavailableError where ClickHouse does not answer, and the statement does not wait for it
 */
export async function selectAtOnce(o: {
  reader: Pick<StatementReader, 'selectOptional'>;
  ids: Pick<StatementIds, 'selectOptional'>;
  organisationId: string;
  id: string;
  /** As in StatementFilter. */
  authority: string | undefined;
}): Promise<FoundStatement | null> {
  const { reader, ids, organisationId, id, authority } = o;
  const select = () => reader.selectOptional(organisationId, id, authority);
  const unread: unknown[] = [];
  const found = await select().catch((error: unknown) => {
    if (!(error instanceof UnavailableError)) throw error;
    unread.push(error);
    return null;
  });
  if (found !== null) return found;
  const waiting = await ids.selectOptional(organisationId, id);
  if (waiting !== null) return isOf(waiting, authority) ? waiting : null;
  if (unread.length > 0) throw unread[0];
  // Between the two looks it may have come into ClickHouse, and ceased to wait.
  return select();
}

function isOf({ text }: FoundStatement, authority: string | undefined): boolean {
  if (authority === undefined) return true;
  const { authority: own } = JSON.parse(text) as Statement;
  return own !== undefined && agentKey(own) === authority;
}
