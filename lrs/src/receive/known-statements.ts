import { isSameStatement, type Statement } from '@lyceum/xapi';
import type { DroppedStatement } from '../ids/dropped-statements.ts';
import type { TakenId } from '../ids/statement-ids.ts';
import type { FoundStatement } from '../query/select-statements.ts';
import type { WithoutErased } from '../ids/without-erased.ts';
import type { AcceptanceRequest } from './accept-statements.ts';
import type { SentStatement } from './read-statements.ts';
import { refusals } from './xapi-error.ts';

/** Which statements of a request are there already, word for word but for what an LRS may change. */
export interface KnownStatements {
  /**
   * Holds statements whose ids are taken against those that have them.
   *
   * @param asked the ids of the append that met them
   * @throws XapiError 409 where one is different
   */
  add(asked: readonly string[], taken: readonly TakenId[]): Promise<void>;
  /** Ids of those that were there. */
  readonly dropped: readonly string[];
  /** How many are there. */
  count(): number;
  /** What is still to be appended. */
  rest(): readonly SentStatement[];
  /** The ids of all, in the order sent; those that were appended last are given. */
  ids(appended: readonly string[]): string[];
}

export function createKnownStatements(
  { again, id, credential }: Pick<AcceptanceRequest, 'again' | 'id' | 'credential'>,
  withoutErased: WithoutErased,
): KnownStatements {
  const sent = again();
  const { organisationId } = credential;
  const idOf = ({ statement }: SentStatement) => (statement.id ?? id)?.toLowerCase();
  const known = new Set<string>();
  const dropped: string[] = [];
  const isKnown = (each: SentStatement) => known.has(idOf(each) ?? '');

  async function isSame(each: SentStatement, kept: FoundStatement | DroppedStatement): Promise<boolean> {
    const isKept = comparing(kept);
    if (isKept(each.statement)) return true;
    // Somebody in it may have been erased since: then what comes again says more than is kept.
    const text = await withoutErased({ organisationId, stored: kept.stored, text: each.text });
    return text !== each.text && isKept(JSON.parse(text) as Statement);
  }

  return {
    async add(asked, taken) {
      for (const { place, statement } of taken) {
        const takenId = asked[place] ?? '';
        const index = sent.findIndex((each) => idOf(each) === takenId);
        const own = sent[index];
        if (own === undefined || statement === null || !(await isSame(own, statement)))
          throw refusals.conflict(takenId, sent.length === 1 ? undefined : index);
        known.add(takenId);
        if (!('text' in statement)) dropped.push(takenId);
      }
    },
    dropped,
    count: () => sent.filter(isKnown).length,
    rest: () => sent.filter((each) => !isKnown(each)),
    ids(appended) {
      const others = appended.values();
      return sent.map((each) => (isKnown(each) ? (idOf(each) ?? '') : (others.next().value ?? '')));
    },
  };
}

function comparing(kept: FoundStatement | DroppedStatement): (sent: Statement) => boolean {
  if (!('text' in kept)) return (sent) => kept.isSame(sent);
  const there = JSON.parse(kept.text) as Statement;
  return (sent) => isSameStatement(sent, there);
}
