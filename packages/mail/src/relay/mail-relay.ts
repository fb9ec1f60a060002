import { startRelay } from '@lyceum/events';
import type { Logger, Metrics } from '@lyceum/service';
import type { Client } from 'pg';
import { redactAddress } from '../redact-address.ts';
import type { Transport } from '../transport/transport.ts';
import { attempt } from './attempt.ts';
import { createMailMetrics, type MailMetrics } from './relay-metrics.ts';
import {
  claimMails,
  countWaiting,
  keepClaims,
  settleMail,
  trimMails,
  type ClaimedMail,
  type Outcome,
} from './statements.ts';

export interface MailRelayOptions {
  /** Of the database in which the mails wait. */
  readonly connectionString: string;
  readonly transport: Transport;
  readonly logger: Logger;
  readonly metrics?: Metrics | undefined;
  /** How many mails are sent at once. Default 5. */
  readonly concurrency?: number;
  /** How often to look without having been notified. Default 1 s. */
  readonly pollMs?: number;
  /** How long a mail stays with a relay that says nothing more of it. Default 60 s. */
  readonly leaseMs?: number;
}

export interface MailRelay {
  /** Waits a moment for the mails in hand, and closes the connection. What is left waits for the next relay. */
  stop(): Promise<void>;
}

const TIDY_EVERY_MS = 10_000;
const DRAIN_MS = 4_000;

/**
 * Sends the mails of a database. Several relays share the work: one takes a mail, says time and again that it still has
 * it, and notes how it ended. A mail whose relay died is taken by another when its lease is over, and sent again with the
 * same Message-ID: whether the server had it cannot be known (README.md, what is promised).
 */
export function createMailRelay(options: MailRelayOptions): MailRelay {
  const { connectionString, transport, logger, concurrency = 5, pollMs, leaseMs = 60_000 } = options;
  const metrics = createMailMetrics(options.metrics);
  const inHand = new Map<string, Promise<void>>();
  /** Not noted yet: kept over a loss of the connection, so that what was sent is not sent again. */
  const outcomes: Outcome[] = [];
  let tidiedAt = 0;

  function start(mail: ClaimedMail): void {
    const ended = attempt(transport, mail).then((outcome) => {
      outcomes.push(outcome);
      inHand.delete(mail.id);
      relay.wake();
    });
    inHand.set(mail.id, ended);
  }

  async function settle(client: Client): Promise<void> {
    for (let outcome = outcomes[0]; outcome !== undefined; outcome = outcomes[0]) {
      await settleMail(client, outcome);
      outcomes.shift();
      tell(outcome, logger, metrics);
    }
  }

  async function tidyIfDue(client: Client): Promise<void> {
    if (Date.now() - tidiedAt < TIDY_EVERY_MS) return;
    metrics.waiting(await countWaiting(client));
    await trimMails(client);
    tidiedAt = Date.now();
  }

  async function round(client: Client): Promise<boolean> {
    await settle(client);
    if (inHand.size > 0) await keepClaims(client, [...inHand.keys()], leaseMs);
    const free = concurrency - inHand.size;
    const mails = free > 0 ? await claimMails(client, free, leaseMs) : [];
    mails.forEach(start);
    await tidyIfDue(client);
    return outcomes.length > 0;
  }

  async function drain(client: Client): Promise<void> {
    const given = Promise.all(inHand.values());
    await Promise.race([given, new Promise((resolve) => setTimeout(resolve, DRAIN_MS).unref())]);
    await settle(client);
  }

  const relay = startRelay({
    connectionString,
    name: 'lyceum mail relay',
    channel: 'mail',
    logger,
    pollMs,
    round,
    drain,
    onFailure: () => undefined,
  });
  return {
    stop: async () => {
      await relay.stop();
      transport.close();
    },
  };
}

/** An address is nobody's business in a log, nor what a server says of it. */
function tell(outcome: Outcome, logger: Logger, metrics: MailMetrics): void {
  const { id, template, recipient, attempts } = outcome.mail;
  const mail = { mail: id, template, to: redactAddress(recipient), attempts };
  if (outcome.state === 'SENT') {
    metrics.sent(template);
    logger.debug(mail, 'a mail was sent');
    return;
  }
  const reason = outcome.error.replaceAll(recipient, mail.to);
  if (outcome.state === 'FAILED') {
    metrics.failed(template);
    logger.error({ ...mail, reason }, 'a mail was given up');
  } else {
    metrics.postponed();
    logger.warn({ ...mail, reason, delay: outcome.delayMs }, 'a mail was not sent, trying again');
  }
}
