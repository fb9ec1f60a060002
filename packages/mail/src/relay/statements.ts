import type { Client } from 'pg';
import type { OutgoingMail } from '../transport/transport.ts';

export interface ClaimedMail extends OutgoingMail {
  readonly template: string;
  /** The how-manieth attempt this is. */
  readonly attempts: number;
  readonly deliverUntil: Date;
}

/** How an attempt ended. */
export type Outcome = { readonly mail: ClaimedMail } & (
  | { readonly state: 'SENT' }
  | { readonly state: 'FAILED'; readonly error: string }
  | { readonly state: 'WAITING'; readonly error: string; readonly delayMs: number }
);

/**
 * Takes mails that are due: new ones, ones that failed, and ones whose sender has let them lie, which can only be because
 * it died. Two relays never take the same.
 */
export async function claimMails(client: Client, limit: number, leaseMs: number): Promise<ClaimedMail[]> {
  const { rows } = await client.query<ClaimedMail>(
    `UPDATE mail
     SET state = 'SENDING', attempts = attempts + 1, next_attempt_at = now() + $2 * interval '1 millisecond'
     WHERE id IN (
       SELECT id FROM mail
       WHERE state IN ('WAITING', 'SENDING') AND next_attempt_at <= now()
       ORDER BY next_attempt_at LIMIT $1
       FOR UPDATE SKIP LOCKED
     )
     RETURNING id, recipient, template, subject, text, html, attempts,
       created_at AS "createdAt", deliver_until AS "deliverUntil"`,
    [limit, leaseMs],
  );
  return rows;
}

/** Says that these are still being sent. */
export async function keepClaims(client: Client, ids: readonly string[], leaseMs: number): Promise<void> {
  await client.query(
    `UPDATE mail SET next_attempt_at = now() + $2 * interval '1 millisecond'
     WHERE id = ANY($1) AND state = 'SENDING'`,
    [ids, leaseMs],
  );
}

/** Notes how an attempt ended, unless another has begun since. What a mail says goes with the last one. */
export async function settleMail(client: Client, outcome: Outcome): Promise<void> {
  const { mail, state } = outcome;
  const error = state === 'SENT' ? null : outcome.error;
  const delayMs = state === 'WAITING' ? outcome.delayMs : 0;
  await client.query(
    `UPDATE mail
     SET state = $3, last_error = $4, next_attempt_at = now() + $5 * interval '1 millisecond',
       sent_at = CASE WHEN $3 = 'SENT' THEN now() END,
       subject = CASE WHEN $3 = 'WAITING' THEN subject END,
       text = CASE WHEN $3 = 'WAITING' THEN text END,
       html = CASE WHEN $3 = 'WAITING' THEN html END
     WHERE id = $1 AND attempts = $2 AND state = 'SENDING'`,
    [mail.id, mail.attempts, state, error, delayMs],
  );
}

export async function countWaiting(client: Client): Promise<number> {
  const sql = `SELECT count(*)::integer AS count FROM mail WHERE state IN ('WAITING', 'SENDING')`;
  const { rows } = await client.query<{ count: number }>(sql);
  return rows[0]?.count ?? 0;
}

/** Whose mails were sent long ago need not be known. */
export async function trimMails(client: Client): Promise<void> {
  await client.query(
    `DELETE FROM mail WHERE state IN ('SENT', 'FAILED') AND created_at < now() - interval '30 days'`,
  );
}
