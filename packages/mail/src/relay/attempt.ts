import { PermanentRefusal } from '../transport/permanent-refusal.ts';
import type { Transport } from '../transport/transport.ts';
import type { ClaimedMail, Outcome } from './statements.ts';

const FIRST_DELAY_MS = 10_000;
/** RFC 5321, 4.5.4.1: at least half an hour between attempts, but for the first ones. */
const LONGEST_DELAY_MS = 30 * 60_000;

/** Tries to send a mail, once. Never rejects. */
export async function attempt(transport: Transport, mail: ClaimedMail): Promise<Outcome> {
  if (mail.deliverUntil.getTime() <= Date.now()) {
    return { mail, state: 'FAILED', error: 'It could not be sent while it was of use' };
  }
  try {
    await transport.deliver(mail);
    return { mail, state: 'SENT' };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof PermanentRefusal) return { mail, state: 'FAILED', error: reason };
    return { mail, state: 'WAITING', error: reason, delayMs: delayAfter(mail.attempts) };
  }
}

function delayAfter(attempts: number): number {
  return Math.min(FIRST_DELAY_MS * 2 ** (attempts - 1), LONGEST_DELAY_MS);
}
