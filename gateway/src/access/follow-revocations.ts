import { setTimeout as delay } from 'node:timers/promises';
import {
  eventTypeOf,
  followTopic,
  parseDomainEvent,
  UnreadableRecordError,
  type DomainEvent,
  type EventLog,
  type EventType,
  type Following,
  type LogRecord,
} from '@lyceum/events';
import { longestAccessTokenSeconds, type HealthCheck, type Logger } from '@lyceum/service';
import {
  createClosedOrganisations,
  type ClosedOrganisations,
  type ClosedOrganisationsList,
} from './closed-organisations.ts';
import { createEndedSessions, type EndedSessions, type EndedSessionsList } from './ended-sessions.ts';

export interface Revocations {
  readonly ended: EndedSessions;
  readonly closed: ClosedOrganisations;
  /** Content while every revocation of which the log knows is known here. */
  readonly check: HealthCheck;
  stop(): Promise<void>;
}

const topic = 'identity.events';
const revocationTypes: ReadonlySet<string> = new Set<EventType>([
  'session.ended',
  'api-client.revoked',
  'personal-access-token.revoked',
  'organisation.suspended',
  'organisation.reinstated',
]);

/** A broker's clock may go wrong by as much. */
const clockMarginMs = 60_000;
const retryMs = 2_000;

/**
 * Learns from identity's events which sessions, API clients and personal access tokens have ended, and which
 * organisations were suspended. It begins as far
 * back as an access token may last, so that an instance that starts knows what one that ran would. Where the log can't
 * be reached it goes on trying, and the gateway serves meanwhile: a token that it would refuse is short-lived.
 */
export function followRevocations(options: {
  openLog: () => Promise<EventLog>;
  logger: Logger;
}): Revocations {
  const { openLog, logger } = options;
  const stopping = new AbortController();
  const ended = createEndedSessions();
  const closed = createClosedOrganisations();
  let log: EventLog | undefined;
  let following: Following | undefined;
  let caughtUp = false;

  async function run(): Promise<void> {
    log = await untilOpened(openLog, logger, stopping.signal);
    if (log === undefined || stopping.signal.aborted) return;
    const since = new Date(Date.now() - longestAccessTokenSeconds * 1_000 - clockMarginMs);
    const take = (record: LogRecord) => {
      takeRecord(record, { ended, closed }, logger);
    };
    following = followTopic({ log, topic, start: { since }, logger, take });
    void following.caughtUp.then(() => (caughtUp = true));
  }

  const begun = run();
  return {
    ended,
    closed,
    check: {
      name: 'revocations',
      async check() {
        if (log === undefined) throw new Error('The event log cannot be reached.');
        if (!caughtUp) throw new Error('The revocations of the last hour have not been read yet.');
        await log.check();
      },
    },
    async stop() {
      stopping.abort();
      await begun;
      await following?.stop();
      await log?.close();
    },
  };
}

/** Undefined where it is given up. */
async function untilOpened(
  openLog: () => Promise<EventLog>,
  logger: Logger,
  signal: AbortSignal,
): Promise<EventLog | undefined> {
  while (!signal.aborted) {
    try {
      return await openLog();
    } catch (error) {
      logger.error(
        { err: error },
        'the event log cannot be reached: revocations are not heard of, trying again',
      );
      await delay(retryMs, undefined, { signal }).catch(() => undefined);
    }
  }
  return undefined;
}

interface Known {
  readonly ended: EndedSessionsList;
  readonly closed: ClosedOrganisationsList;
}

/** What is no revocation is not even parsed. A tail has no dead letters: what can't be read is said, and left out. */
function takeRecord(record: LogRecord, known: Known, logger: Logger): void {
  if (!revocationTypes.has(eventTypeOf(record) ?? '')) return;
  try {
    const event = parseDomainEvent(record);
    const revoked = revokedBy(event);
    if (revoked) known.ended.add(revoked.id, new Date(revoked.accessTokensUntil));
    else takeOrganisation(event, known.closed);
  } catch (error) {
    if (!(error instanceof UnreadableRecordError)) throw error;
    logger.error({ err: error, topic, offset: record.offset }, 'a revocation cannot be read');
  }
}

function takeOrganisation(event: DomainEvent | undefined, closed: ClosedOrganisationsList): void {
  if (event?.type === 'organisation.suspended') {
    const { id, accessTokensUntil } = event.data.organisation;
    closed.suspend(id, new Date(accessTokensUntil));
  } else if (event?.type === 'organisation.reinstated') {
    const { id, sessionsFrom, accessTokensUntil } = event.data.organisation;
    closed.reinstate(id, new Date(sessionsFrom), new Date(accessTokensUntil));
  }
}

function revokedBy(event: DomainEvent | undefined) {
  if (event?.type === 'session.ended') return event.data.session;
  if (event?.type === 'api-client.revoked') return event.data.client;
  return event?.type === 'personal-access-token.revoked' ? event.data.token : undefined;
}
