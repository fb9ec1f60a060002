import { partitionOf, type PartitionPosition } from '@lyceum/events';

/** How far ingest is: whether what was accepted can be queried. */
export interface IngestProgress {
  /** UNKNOWN while the log does not answer. */
  readonly state: 'CURRENT' | 'BEHIND' | 'STALLED' | 'UNKNOWN';
  /** What the log had then can be queried; null where it is not known yet. */
  readonly through: Date | null;
  /** How long what was accepted has waited at most; 0 where nothing waits. */
  readonly lagMs: number | null;
}

/** Of one partition of the log, where all organisations are. */
export interface PartitionProgress extends IngestProgress {
  readonly partition: number;
  readonly end: bigint;
  readonly backlog: number;
  readonly bytes: number | null;
}

/** Where the log ended, at a time. */
interface Mark {
  readonly at: number;
  readonly end: bigint;
}

interface Followed extends PartitionPosition {
  /** Ends that ingest has not passed, the oldest first. */
  marks: Mark[];
  through: number | null;
  /** When ingest last got further, or had nothing to do. */
  movedAt: number;
}

/** A lag of less is how ingest works: it gathers a block. */
const currentMs = 2_000;

const stalledMs = 10_000;

/** However long ingest stands still: what is known is then coarser. */
const mostMarks = 1_000;

/** A log that has not said anything for so long does not answer. */
const silentMs = 10_000;

export type ProgressTracker = ReturnType<typeof createProgressTracker>;

/**
 * Follows how far ingest is by where the log ended, noted again and again: what it had at the time of a mark that ingest
 * has passed can be queried. So the age of what waits is known on either log, and no record is read for it.
 */
export function createProgressTracker({ now = Date.now }: { now?: () => number } = {}) {
  let followed: Followed[] = [];
  let notedAt = -Infinity;

  const progressOf = (each: Followed | undefined): IngestProgress => {
    const isSilent = now() - notedAt > silentMs;
    if (isSilent) return { state: 'UNKNOWN', through: dateOf(each?.through ?? null), lagMs: null };
    if (each === undefined) return { state: 'CURRENT', through: new Date(notedAt), lagMs: 0 };
    const waits = backlogOf(each) > 0;
    const lagMs = waits ? (each.through === null ? null : now() - each.through) : 0;
    return { state: stateOf(each, lagMs), through: dateOf(each.through), lagMs };
  };

  function stateOf({ movedAt }: Followed, lagMs: number | null): IngestProgress['state'] {
    if (lagMs !== null && lagMs < currentMs) return 'CURRENT';
    return notedAt - movedAt > stalledMs ? 'STALLED' : 'BEHIND';
  }

  return {
    /** @param positions of ingest's group, as they were at `at`. */
    note(positions: readonly PartitionPosition[], at: number): void {
      // A partition that was not there when somebody looked had nothing then.
      const empty = followed.length === 0 && notedAt > -Infinity ? notedAt : null;
      notedAt = at;
      followed = positions.map((position) =>
        noted(
          position,
          followed.find(({ partition }) => partition === position.partition),
          { at, empty },
        ),
      );
    },

    /** Of the partition that the organisation's statements are in. */
    of: (organisationId: string): IngestProgress =>
      progressOf(followed[partitionOf(organisationId, Math.max(followed.length, 1))]),

    all: (): PartitionProgress[] =>
      followed.map((each) => ({
        ...progressOf(each),
        partition: each.partition,
        end: each.end,
        backlog: backlogOf(each),
        bytes: each.bytes ?? null,
      })),
  };
}

function noted(
  position: PartitionPosition,
  before: Followed | undefined,
  { at, empty }: { at: number; empty: number | null },
): Followed {
  const isNewLog = before !== undefined && position.end < before.end;
  const known = isNewLog ? undefined : before;
  const reached = position.committed ?? position.start;
  const marks = [...(known?.marks ?? []), { at, end: position.end }];
  const passed = marks.filter(({ end }) => end <= reached || end <= position.start).at(-1);
  const hasMoved = passed !== undefined || (known && reached > (known.committed ?? known.start));
  return {
    ...position,
    marks: thinned(marks.filter(({ end }) => end > reached && end > position.start)),
    through: passed?.at ?? known?.through ?? empty,
    movedAt: hasMoved ? at : (known?.movedAt ?? at),
  };
}

/** Ends that are the same are one: the latest time counts. Where there are too many, evenly spread ones stay. */
function thinned(marks: readonly Mark[]): Mark[] {
  const distinct = marks.filter(({ end }, index) => marks[index + 1]?.end !== end);
  if (distinct.length <= mostMarks) return distinct;
  const [first, last] = [distinct[0]?.at ?? 0, distinct.at(-1)?.at ?? 0];
  const apart = (2 * (last - first)) / mostMarks;
  let kept = -Infinity;
  return distinct.filter(({ at }) => {
    if (at < kept + apart && at !== last) return false;
    kept = at;
    return true;
  });
}

function backlogOf({ start, end, committed }: PartitionPosition): number {
  const reached = committed !== undefined && committed > start ? committed : start;
  return end > reached ? Number(end - reached) : 0;
}

const dateOf = (at: number | null) => (at === null ? null : new Date(at));
