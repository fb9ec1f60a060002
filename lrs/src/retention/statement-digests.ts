import { hash } from 'node:crypto';
import { comparableStatement, timestampMicros, type Statement } from '@lyceum/xapi';

/** What is kept of a statement that was dropped: enough to know it again, and nothing to read it from. Both of 64 bits. */
export interface StatementDigest {
  /** Of what makes it itself. */
  readonly digest: string;
  /** The same with its timestamp. */
  readonly timed: string;
}

export interface StatementDigests {
  /** @param statement with its stamps */
  of(id: string, statement: Statement): StatementDigest;
  /** Whether a statement that comes again is the one that was dropped, as isSameStatement (packages/xapi) compares. */
  isSame(id: string, sent: Statement, dropped: StatementDigest): boolean;
}

/** By which name the processes of the LRS share the secret of digests (store/shared-secrets.ts). */
export const digestSecret = 'dropped statements';

const how = { edition: '2.0', withAttachments: true } as const;

/**
 * Digests that nobody can guess at who has not the secret: a statement names a person, and there are few verbs and scores.
 * The id is in each, so that equal statements have different ones.
 */
export function createStatementDigests(secret: Uint8Array): StatementDigests {
  const key = Buffer.from(secret).toString('hex');
  /** A hash of the key and the text, cut: what is cut can't be gone on with, and an HMAC takes four times as long. */
  const keyed = (text: string): string =>
    BigInt(`0x${hash('sha256', `${key}\n${text}`).slice(0, 16)}`).toString();

  function digestOf(id: string, statement: Statement): string {
    return keyed(`${id.toLowerCase()}\n${comparableStatement(statement, how)}`);
  }

  function timedOf(digest: string, timestamp: string | undefined): string {
    return timestamp === undefined ? '0' : keyed(`${digest}\n${timestampMicros(timestamp).toString()}`);
  }

  return {
    of(id, statement) {
      const digest = digestOf(id, statement);
      return { digest, timed: timedOf(digest, statement.timestamp) };
    },
    isSame(id, sent, dropped) {
      const digest = digestOf(id, sent);
      if (digest !== dropped.digest) return false;
      return sent.timestamp === undefined || timedOf(digest, sent.timestamp) === dropped.timed;
    },
  };
}
