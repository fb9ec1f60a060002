import type { ClickHouseClient } from '@lyceum/clickhouse';
import type { StoreJobWork } from '../jobs/job-worker.ts';
import { createMutations } from '../personal-data/mutations.ts';
import type { Recount } from '../roll-ups/recount.ts';
import type { Database } from '../store/store.ts';
import { createActorHoursDropper } from './actor-hours-dropper.ts';
import { createDropNotes } from './drop-notes.ts';
import { createDueStatements } from './due-statements.ts';
import { createNamesDropper } from './names-dropper.ts';
import { createPieceDropper } from './piece-dropper.ts';
import { createRetentionWork } from './retention-work.ts';
import type { StatementDigests } from './statement-digests.ts';
import { createStatementDropper, dropMark } from './statement-dropper.ts';

/** The work of a retention, wired. */
export function createRetention(o: {
  store: Database;
  clickHouse: ClickHouseClient;
  recount: Recount;
  digests: StatementDigests;
  untilIngested: (signal: AbortSignal) => Promise<void>;
  /** Resolves once ids and roll-ups have all that ClickHouse had before there were any. */
  filled: Promise<unknown>;
}): StoreJobWork {
  const { store, clickHouse, recount, untilIngested } = o;
  const notes = createDropNotes(clickHouse, o.digests);
  const mutations = createMutations(clickHouse, dropMark);
  const statements = createStatementDropper(clickHouse, mutations);
  const names = createNamesDropper(clickHouse, mutations);
  const actorHours = createActorHoursDropper(clickHouse, recount);
  return createRetentionWork({
    due: createDueStatements(clickHouse),
    notes,
    dropper: createPieceDropper({ store, notes, statements, actorHours, names, untilIngested }),
    untilFilled: (signal) => unlessAborted(o.filled, signal),
    untilIngested,
  });
}

/** What is waited for does not hear of the signal. */
function unlessAborted(awaited: Promise<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    void awaited.then(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    });
  });
}
