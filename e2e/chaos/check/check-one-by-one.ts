import type { Ledger, SentStatement } from '../load/ledger.ts';
import { markOf } from '../load/statement.ts';
import { untilAnswered } from '../load/writer.ts';
import type { Send } from '../load/xapi.ts';

/** So many are asked for at a time. */
const atOnce = 8;

/** Each accepted statement by its id, voided ones by theirs, with their attachments. @returns faults, and how many were read */
export async function readOneByOne(send: Send, ledger: Ledger): Promise<{ faults: string[]; read: number }> {
  const voided = new Set(ledger.accepted.flatMap(({ voids }) => voids ?? []));
  const faults: string[] = [];
  const waiting = ledger.accepted.values();

  async function readOn(): Promise<void> {
    for (const sent of waiting) {
      // Nobody knows whether it is voided, where the voiding one had no answer.
      if (ledger.isVoided(sent) && !voided.has(sent)) continue;
      const fault = await faultOf(send, sent, voided.has(sent));
      if (fault !== undefined) faults.push(`by id: ${sent.id ?? ''} (${sent.mark}) ${fault}`);
    }
  }

  await Promise.all(Array.from({ length: atOnce }, readOn));
  return { faults, read: ledger.accepted.length };
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
