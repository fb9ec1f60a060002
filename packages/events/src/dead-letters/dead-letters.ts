import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@lyceum/service';
import { EventLogError } from '../errors.ts';
import type { EventLog, LogRecord } from '../event-log.ts';
import { followTopic, type Following } from '../live/follow-topic.ts';
import { deadLetterTopicOf } from '../topic-settings.ts';
import { actRecord, readAct, actsTopic, type DeadLetterAct } from './act.ts';
import { deadLetterOf, resentRecord, type DeadLetter } from './dead-letter.ts';
import { readPlaces } from './read-places.ts';

/** What became of a dead letter since; undefined while it waits. */
export type KnownDeadLetter = DeadLetter & { readonly act: DeadLetterAct | undefined };

/** The dead letters of some topics, of all groups. */
export interface DeadLetters {
  /** All that there are, the newest first, up to some 10,000. @throws EventLogError where the log does not answer */
  list(): Promise<KnownDeadLetter[]>;
  find(id: string): Promise<KnownDeadLetter | undefined>;
  /** Those known by now, without waiting; undefined before they have been read. */
  known(): readonly KnownDeadLetter[] | undefined;
  /** The records themselves, by id; without those that retention has removed. */
  read(letters: readonly DeadLetter[]): Promise<Map<string, LogRecord>>;
  /**
   * Appends the record to its topic again, for the group that could not read it and no other, and that this was done: both
   * or neither. It stands behind what came since. Consumers are idempotent, so that twice is once.
   *
   * @returns whether it was still on the log
   */
  resend(letter: DeadLetter, by: string): Promise<boolean>;
  /** Notes that nobody wants it any more; on the log it stays as long as retention says. */
  discard(letter: DeadLetter, by: string): Promise<void>;
  stop(): Promise<void>;
}

/** As long as topics of dead letters keep them. */
const keptMs = 90 * 24 * 60 * 60_000;

/** Of each dead letter less than a kilobyte is kept, and nothing of its value. */
const mostLetters = 10_000;

const patienceMs = 20_000;

/**
 * Reads the dead-letter topics from the log, where they are kept and nowhere else: from the first question on, and then on
 * as they come. What was done about one is a record too, so that all instances know.
 */
export function createDeadLetters(o: {
  log: EventLog;
  topics: readonly string[];
  logger: Logger;
}): DeadLetters {
  const { log, logger } = o;
  const letters = new Map<string, DeadLetter>();
  const acts = new Map<string, DeadLetterAct>();
  let followings: Following[] | undefined;
  let isRead = false;

  function take(record: LogRecord): void {
    const letter = deadLetterOf(record);
    if (letter === undefined) return;
    letters.set(letter.id, letter);
    forgetOldest(letters);
  }

  function takeAct(record: LogRecord): void {
    const act = readAct(record);
    if (act === undefined) return;
    acts.set(act.id, act);
    forgetOldest(acts);
  }

  function follow(): Following[] {
    const start = { since: new Date(Date.now() - keptMs) };
    return [
      ...o.topics.map((topic) => followTopic({ log, topic: deadLetterTopicOf(topic), logger, start, take })),
      followTopic({ log, topic: actsTopic, logger, start, take: takeAct }),
    ];
  }

  async function open(): Promise<void> {
    if (isRead) return;
    followings ??= follow();
    const all = Promise.all(followings.map(({ caughtUp }) => caughtUp)).then(() => (isRead = true));
    await within(all);
  }

  const withAct = (letter: DeadLetter): KnownDeadLetter => ({ ...letter, act: acts.get(letter.id) });

  const sorted = () => [...letters.values()].sort(newestFirst).map(withAct);

  /** Whoever has done something reads it afterwards. */
  async function untilKnown({ id, at }: DeadLetterAct): Promise<void> {
    for (const deadline = Date.now() + patienceMs; (acts.get(id)?.at ?? '') < at;) {
      if (Date.now() > deadline) throw silent();
      await delay(10);
    }
  }

  return {
    async list() {
      await open();
      return sorted();
    },

    async find(id) {
      await open();
      const letter = letters.get(id);
      return letter && withAct(letter);
    },

    known() {
      if (isRead) return sorted();
      open().catch((error: unknown) => {
        logger.warn({ err: error }, 'dead letters could not be read');
      });
      return undefined;
    },

    read: (wanted) => readPlaces(log, wanted, patienceMs),

    async resend(letter, by) {
      const record = (await readPlaces(log, [letter], patienceMs)).get(letter.id);
      if (record === undefined) return false;
      const act = { id: letter.id, kind: 'RESENT', by, at: new Date().toISOString() } as const;
      await log.append([resentRecord(record, letter), actRecord(act)]);
      await untilKnown(act);
      return true;
    },

    async discard({ id }, by) {
      const act = { id, kind: 'DISCARDED', by, at: new Date().toISOString() } as const;
      await log.append([actRecord(act)]);
      await untilKnown(act);
    },

    async stop() {
      await Promise.all((followings ?? []).map((each) => each.stop()));
    },
  };
}

function newestFirst(one: DeadLetter, other: DeadLetter): number {
  const apart = other.failedAt.getTime() - one.failedAt.getTime();
  return apart !== 0 ? apart : one.id < other.id ? 1 : -1;
}

/** In the order in which they came. */
function forgetOldest(known: Map<string, unknown>): void {
  for (const oldest of known.keys()) {
    if (known.size <= mostLetters) return;
    known.delete(oldest);
  }
}

const silent = () => new EventLogError('LOG_SILENT', 'The event log does not give out its dead letters');

async function within(work: Promise<unknown>): Promise<void> {
  const giveUp = new AbortController();
  const timeout = delay(patienceMs, undefined, { signal: giveUp.signal, ref: false }).then(() => {
    throw silent();
  });
  timeout.catch(() => undefined);
  try {
    await Promise.race([work, timeout]);
  } finally {
    giveUp.abort();
  }
}
