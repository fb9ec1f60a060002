import type { Ledger, SentStatement } from '../load/ledger.ts';
import { markOf } from '../load/statement.ts';
import { untilAnswered } from '../load/writer.ts';
import type { Send } from '../load/xapi.ts';
import type { Random } from '../random.ts';

/** So many are asked for at a time. */
const atOnce = 8;

/** Of the others so many at most: each costs a query, and all of them are in the list and in ClickHouse as well. */
const mostPlain = 3_000;

/**
 * Accepted statements by their ids, voided ones by theirs, with their attachments: all that are voided, have attachments or
 * had rivals, and some of the others.
 *
 * @returns faults, and how many were read
 */
export async function readOneByOne(
  send: Send,
  ledger: Ledger,
  random: Random,
): Promise<{ faults: string[]; read: number }> {
  const voided = new Set(ledger.accepted.flatMap(({ voids }) => voids ?? []));
  const faults: string[] = [];
  const chosen = chooseStatements(ledger, random);
  const waiting = chosen.values();

  async function readOn(): Promise<void> {
    for (const sent of waiting) {
      // Nobody knows whether it is voided, where the voiding one had no answer.
      if (ledger.isVoided(sent) && !voided.has(sent)) continue;
      const fault = await faultOf(send, sent, voided.has(sent));
      if (fault !== undefined) faults.push(`by id: ${sent.id ?? ''} (${sent.mark}) ${fault}`);
    }
  }

  await Promise.all(Array.from({ length: atOnce }, readOn));
  return { faults, read: chosen.length };
}

function chooseStatements(ledger: Ledger, random: Random): SentStatement[] {
  const share = mostPlain / ledger.accepted.length;
  const refused = new Set(
    [...ledger.statements.values()].flatMap(({ id, fate }) => (fate === 'REFUSED' ? (id ?? []) : [])),
  );
  return ledger.accepted.filter(
    (each) =>
      ledger.isVoided(each) ||
      each.attachment !== undefined ||
      refused.has(each.id ?? '') ||
      random.next() < share,
  );
}

async function faultOf(send: Send, sent: SentStatement, isVoided: boolean): Promise<string | undefined> {
  const { id = '', mark, attachment } = sent;
  const get = (parameter: string, more = '') =>
    untilAnswered(() => send('GET', `/xapi/statements?${parameter}=${id}${more}`));
  if (isVoided && (await get('statementId'))?.status !== 404) return 'was voided and is there';
  const reply = await get(
    isVoided ? 'voidedStatementId' : 'statementId',
    attachment === undefined ? '' : '&attachments=true',
  );
  if (reply?.status !== 200) return `was answered ${reply?.status ?? 'by nothing'} ${reply?.text ?? ''}`;
  if (attachment !== undefined)
    return reply.text.includes(attachment) ? undefined : 'came without its attachment';
  return markOf(JSON.parse(reply.text)) === mark ? undefined : 'is another statement';
}

/** Each document: its last accepted version, or one after it that had no answer. */
export async function readDocuments(send: Send, ledger: Ledger): Promise<string[]> {
  const faults: string[] = [];
  for (const { path, faultOf } of ledger.documents) {
    const reply = await untilAnswered(() => send('GET', path));
    const fault =
      reply?.status === 200 ? faultOf(reply.text) : `it was answered ${reply?.status ?? 'by nothing'}`;
    if (fault !== undefined) faults.push(`documents: ${fault}`);
  }
  return faults;
}
