import type { Ledger, SentStatement } from '../load/ledger.ts';
import type { FoundStatement } from './found-statements.ts';

/**
 * What is wrong with what was found, in a line each: accepted statements that are not there, refused ones that are, ids
 * and statements that are there twice, requests of which a part is there.
 *
 * @param where as `the list`
 * @param withVoided whether voided statements are to be among them, or must not
 */
export function compareStatements(
  found: readonly FoundStatement[],
  ledger: Ledger,
  { where, withVoided }: { where: string; withVoided: boolean },
): string[] {
  const byMark = new Map(found.map((each) => [each.mark, each]));
  const voided = voidedOf(ledger);
  const isExpected = (sent: SentStatement) => withVoided || !voided.has(sent);
  const all = [...ledger.statements.values()];
  const faults: string[] = [];
  const say = (text: string) => faults.push(`${where}: ${text}`);

  if (new Set(found.map(({ id }) => id)).size < found.length) say('an id is there twice');
  if (byMark.size < found.length) say('a statement is there twice');
  for (const { id, mark } of found) {
    const sent = ledger.statements.get(mark);
    if (sent === undefined) say(`${id} was never sent`);
    else if (sent.fate === 'REFUSED') say(`${id} (${mark}) was refused`);
    else if (sent.id !== undefined && sent.id !== id) say(`${id} (${mark}) was accepted as ${sent.id}`);
    else if (!isExpected(sent)) say(`${id} (${mark}) was voided`);
  }
  for (const sent of all) {
    if (sent.fate !== 'ACCEPTED' || !isExpected(sent) || byMark.has(sent.mark)) continue;
    if (withVoided || !ledger.isVoided(sent))
      say(`${sent.id ?? ''} (${sent.mark}) was accepted and is missing`);
  }
  for (const [request, marks] of marksOfRequests(all)) {
    const there = marks.filter((mark) => byMark.has(mark)).length;
    if (there > 0 && there < marks.length)
      say(`${there} of ${marks.length} statements of request ${request} are there`);
  }
  return faults;
}

/** What was voided for certain; where a voiding one had no answer, either may be. */
function voidedOf(ledger: Ledger): ReadonlySet<SentStatement> {
  const voiding = [...ledger.statements.values()].filter(({ fate }) => fate === 'ACCEPTED');
  return new Set(voiding.flatMap(({ voids }) => voids ?? []));
}

function marksOfRequests(all: readonly SentStatement[]): Map<number, string[]> {
  const requests = new Map<number, string[]>();
  for (const { request, mark } of all) {
    const marks = requests.get(request);
    if (marks) marks.push(mark);
    else requests.set(request, [mark]);
  }
  return requests;
}
