import { EventLogError, type DeadLetters, type KnownDeadLetter } from '@lyceum/events';
import type { ConnectionSource, CursorKey, Page } from '@lyceum/graphql';
import {
  conflict,
  invalid,
  notFound,
  requirePermission,
  unavailable,
  viewerMay,
  type Viewer,
} from '@lyceum/service';
import { statementsTopic } from '@lyceum/xapi';

export type DeadLetterState = 'WAITING' | 'RESENT' | 'DISCARDED';

export interface DeadLetterFilter {
  readonly topic?: string | null | undefined;
  readonly group?: string | null | undefined;
  readonly state?: DeadLetterState | null | undefined;
  readonly since?: Date | null | undefined;
  readonly until?: Date | null | undefined;
}

/** What a record that could not be read holds, as far as it is shown. */
export interface DeadLetterPayload {
  readonly text: string | null;
  readonly base64: string | null;
  readonly isCut: boolean;
}

export type DeadLetterDesk = ReturnType<typeof createDeadLetterDesk>;

const shownBytes = 64 * 2 ** 10;

export const stateOf = ({ act }: KnownDeadLetter): DeadLetterState => act?.kind ?? 'WAITING';

/**
 * What consumers could not read, for those who may see it. Statements are their organisation's, by the header that the
 * receiver wrote; everything else that is on the log, services tell each other, with hashes of secrets in it: that, and
 * what names no organisation, is for who stands above them. Who does sees of statements that they are there, and not what
 * they say.
 */
export function createDeadLetterDesk({ letters }: { letters: DeadLetters }) {
  const isOwn = (viewer: Viewer, { topic, organisationId }: KnownDeadLetter) =>
    topic === statementsTopic && organisationId === viewer.organisationId;

  const mayRead = (viewer: Viewer, letter: KnownDeadLetter) =>
    viewerMay(viewer, 'dead-letter.read.all') ||
    (viewerMay(viewer, 'dead-letter.read') && isOwn(viewer, letter));

  const mayLookInto = (viewer: Viewer, letter: KnownDeadLetter) =>
    isOwn(viewer, letter)
      ? viewerMay(viewer, 'dead-letter.read')
      : viewerMay(viewer, 'dead-letter.read.all') &&
        (letter.topic !== statementsTopic || letter.organisationId === undefined);

  async function found(viewer: Viewer, id: string, field?: readonly string[]): Promise<KnownDeadLetter> {
    const letter = await answered(() => letters.find(id));
    if (letter === undefined || !mayRead(viewer, letter)) throw notFound('dead letter', id, field);
    return letter;
  }

  return {
    /** @throws NOT_FOUND, UNAVAILABLE */
    one: (viewer: Viewer, id: string) => found(viewer, id),

    /** The newest first. */
    listed(viewer: Viewer, filter: DeadLetterFilter): ConnectionSource<KnownDeadLetter> {
      const all = async () =>
        (await answered(() => letters.list())).filter(
          (letter) => mayRead(viewer, letter) && matches(filter, letter),
        );
      return {
        rows: async (page) => pageOf(await all(), page),
        key: keyOf,
        count: async () => (await all()).length,
      };
    },

    /** How many of the organisation's statements' records wait; undefined before they were read. */
    waiting: (organisationId: string): number | undefined =>
      letters
        .known()
        ?.filter(
          (letter) =>
            stateOf(letter) === 'WAITING' &&
            letter.topic === statementsTopic &&
            letter.organisationId === organisationId,
        ).length,

    waitingOfAll: (): number | undefined =>
      letters.known()?.filter((letter) => stateOf(letter) === 'WAITING').length,

    /** By id; null for what the viewer may not look into, or the log no longer has. @throws UNAVAILABLE */
    async payloads(
      viewer: Viewer,
      wanted: readonly KnownDeadLetter[],
    ): Promise<Map<string, DeadLetterPayload>> {
      const shown = wanted.filter((letter) => mayLookInto(viewer, letter));
      const records = await answered(() => letters.read(shown));
      return new Map([...records].map(([id, { value }]) => [id, payloadOf(value)]));
    },

    /** @throws FORBIDDEN, NOT_FOUND, CONFLICT where it was, or where retention has removed it, UNAVAILABLE */
    async resend(viewer: Viewer, id: string, isAgain: boolean): Promise<KnownDeadLetter> {
      requirePermission(viewer, 'dead-letter.resend');
      const letter = await found(viewer, id, ['input', 'id']);
      if (letter.act?.kind === 'RESENT' && !isAgain)
        throw conflict('It was sent again already: say that it is to be sent once more.', ['input', 'again']);
      const isThere = await answered(() => letters.resend(letter, viewer.userId));
      if (!isThere) throw conflict('The log no longer has it.', ['input', 'id']);
      return found(viewer, id);
    },

    /** Discarding twice is discarding. @throws FORBIDDEN, NOT_FOUND, UNAVAILABLE */
    async discard(viewer: Viewer, id: string): Promise<KnownDeadLetter> {
      requirePermission(viewer, 'dead-letter.discard');
      const letter = await found(viewer, id, ['input', 'id']);
      if (letter.act?.kind !== 'DISCARDED') await answered(() => letters.discard(letter, viewer.userId));
      return found(viewer, id);
    },
  };
}

async function answered<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const isSilent = error instanceof EventLogError || (error as Error).name === 'TimeoutError';
    if (!isSilent) throw error;
    throw unavailable('The event log does not answer: try again.');
  }
}

function matches({ topic, group, state, since, until }: DeadLetterFilter, letter: KnownDeadLetter): boolean {
  return (
    (topic == null || letter.topic === topic) &&
    (group == null || letter.group === group) &&
    (state == null || stateOf(letter) === state) &&
    (since == null || letter.failedAt >= since) &&
    (until == null || letter.failedAt < until)
  );
}

const keyOf = ({ failedAt, id }: KnownDeadLetter): CursorKey => [failedAt.getTime(), id];

function pageOf(letters: readonly KnownDeadLetter[], page: Page): KnownDeadLetter[] {
  const [after, before] = [placeOf('after', page.after), placeOf('before', page.before)];
  const within = letters.filter(
    (letter) =>
      (after === undefined || follows(letter, after)) && (before === undefined || precedes(letter, before)),
  );
  return (page.backward ? within.toReversed() : within).slice(0, page.limit);
}

interface Place {
  readonly at: number;
  readonly id: string;
}

function placeOf(argument: string, key: CursorKey | undefined): Place | undefined {
  if (key === undefined) return undefined;
  const [at, id] = key;
  if (typeof at !== 'number' || typeof id !== 'string')
    throw invalid([argument], `${argument} is not a cursor that this list gave out.`);
  return { at, id };
}

/** The newest first; of one instant, the greater id. */
const follows = ({ failedAt, id }: KnownDeadLetter, place: Place) =>
  failedAt.getTime() < place.at || (failedAt.getTime() === place.at && id < place.id);

const precedes = ({ failedAt, id }: KnownDeadLetter, place: Place) =>
  failedAt.getTime() > place.at || (failedAt.getTime() === place.at && id > place.id);

/** Text where it is UTF-8 without control characters but for breaks and tabs, else base64. */
function payloadOf(value: Buffer): DeadLetterPayload {
  const isCut = value.length > shownBytes;
  const shown = value.subarray(0, shownBytes);
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(shown, { stream: isCut });
  // eslint-disable-next-line no-control-regex -- what is looked for
  const isText = !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffd]/.test(text);
  return { text: isText ? text : null, base64: isText ? null : shown.toString('base64'), isCut };
}
