import type { Database } from '../store/store.ts';
import type { ActorHoursDropper } from './actor-hours-dropper.ts';
import type { DropNotes, DroppedPiece } from './drop-notes.ts';
import type { NamesDropper } from './names-dropper.ts';
import type { StatementDropper } from './statement-dropper.ts';

/** What becomes of the statements of a piece once they are noted: rows, counts of actors, attachments. */
export interface PieceDropper {
  /** May be called again with the same piece. @throws UnavailableError */
  drop(piece: DroppedPiece, signal: AbortSignal): Promise<void>;
  /** Once all is dropped: what ingest wrote of it meanwhile, and names of people whom nothing names. @throws UnavailableError */
  dropRest(piece: DroppedPiece, signal: AbortSignal): Promise<void>;
}

/** Ids of one look for attachments. */
const idsAtOnce = 10_000;

export function createPieceDropper(o: {
  store: Pick<Database, 'attachments' | 'whileErasing'>;
  notes: Pick<DropNotes, 'selectIds'>;
  statements: StatementDropper;
  actorHours: ActorHoursDropper;
  names: NamesDropper;
  untilIngested: (signal: AbortSignal) => Promise<void>;
}): PieceDropper {
  const { store, notes, statements, actorHours, names, untilIngested } = o;

  /** Once nothing names them the sweep takes them away. */
  async function forgetAttachments(piece: DroppedPiece, signal: AbortSignal): Promise<void> {
    const { organisationId } = piece;
    if (!(await store.attachments.selectHasUses(organisationId))) return;
    for (let after: string | undefined; ;) {
      signal.throwIfAborted();
      const ids = await notes.selectIds(piece, after, idsAtOnce);
      await store.attachments.updateUnconfirmed(organisationId, ids, new Date(0));
      if (ids.length < idsAtOnce) return;
      after = ids.at(-1);
    }
  }

  return {
    // An erasure looks at what is there several times over; between its looks nothing is to go.
    drop: (piece, signal) =>
      store.whileErasing(async () => {
        signal.throwIfAborted();
        await statements.drop(piece, signal);
        await untilIngested(signal);
        await actorHours.drop(piece, signal);
        await forgetAttachments(piece, signal);
      }),

    dropRest: (piece, signal) =>
      store.whileErasing(async () => {
        signal.throwIfAborted();
        await untilIngested(signal);
        await statements.dropLate(piece, signal);
        await names.drop(piece, signal);
      }),
  };
}
