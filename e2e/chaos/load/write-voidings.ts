import { createHash } from 'node:crypto';
import type { SentStatement } from './ledger.ts';
import { statementOf } from './statement.ts';
import { untilAnswered, type Turn, type WriterOptions } from './writer.ts';

/** A statement, and in two of three cases one that voids it; now and then the second comes first. */
export function writeVoidings({ send, ledger, random }: WriterOptions): Turn {
  async function post(sent: readonly SentStatement[]): Promise<void> {
    const body = JSON.stringify(sent.map((each) => statementOf(each)));
    const reply = await untilAnswered(() => send('POST', '/xapi/statements', { body }));
    if (reply?.status === 200) ledger.accept(sent, JSON.parse(reply.text) as string[]);
    else ledger.fault(`a voiding or voided statement was answered ${reply?.status ?? 'by nothing'}`);
  }

  return async () => {
    const registration = random.uuid();
    const target = ledger.begin([{ id: random.uuid(), registration }]);
    const isVoided = random.next() < 2 / 3;
    const voids = target[0];
    const voiding = isVoided && voids ? ledger.begin([{ id: random.uuid(), registration, voids }]) : [];
    const inOrder = random.next() < 0.8 ? [target, voiding] : [voiding, target];
    for (const each of inOrder) if (each.length > 0) await post(each);
  };
}

const boundary = 'chaos-boundary';

/** A statement with an attachment of some kilobytes. */
export function writeAttachments({ send, ledger, random }: WriterOptions): Turn {
  return async () => {
    const attachment = random.bytes(100 + random.below(8_000)).toString('hex');
    const sent = ledger.begin([{ id: random.uuid(), registration: random.uuid(), attachment }]);
    const sha2 = createHash('sha256').update(attachment).digest('hex');
    const described = {
      usageType: 'https://example.org/usage',
      display: { en: 'Chaos' },
      contentType: 'text/plain',
      length: attachment.length,
      sha2,
    };
    const statements = JSON.stringify(sent.map((each) => statementOf(each, { attachments: [described] })));
    const body = [
      `--${boundary}\r\nContent-Type: application/json\r\n\r\n${statements}\r\n`,
      `--${boundary}\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\n`,
      `X-Experience-API-Hash: ${sha2}\r\n\r\n${attachment}\r\n--${boundary}--\r\n`,
    ].join('');
    const headers = { 'content-type': `multipart/mixed; boundary=${boundary}` };
    const reply = await untilAnswered(() => send('POST', '/xapi/statements', { body, headers }));
    if (reply?.status === 200) ledger.accept(sent, JSON.parse(reply.text) as string[]);
    else ledger.fault(`an attachment was answered ${reply?.status ?? 'by nothing'} ${reply?.text ?? ''}`);
  };
}
