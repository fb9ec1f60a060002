import { setMaxListeners } from 'node:events';
import type { Random } from '../random.ts';
import { watchReading, type Watch } from './watch-reading.ts';
import type { Ledger } from './ledger.ts';
import {
  writeInvalidBatches,
  writeNamedBatches,
  writeNamelessBatches,
  writeRivals,
} from './write-batches.ts';
import { createMerges, writeVersions } from './write-documents.ts';
import { writeAttachments, writeVoidings } from './write-voidings.ts';
import { keepWriting } from './writer.ts';
import type { Send } from './xapi.ts';

/** Writers and readers at work. */
export interface Load {
  readonly watch: Watch;
  /** Resolves when each has ended what it was about. */
  end(): Promise<void>;
}

const pauseMs = 60;

export function beginLoad({ send, ledger, random }: { send: Send; ledger: Ledger; random: Random }): Load {
  const stopping = new AbortController();
  // Each writer listens.
  setMaxListeners(100, stopping.signal);
  const own = () => ({ send, ledger, random: random.fork() });
  const watch = watchReading(own());
  const merge = createMerges(ledger);
  const turns = [
    ...[0, 1, 2].map(() => writeNamedBatches(own())),
    ...[0, 1].map(() => writeNamelessBatches(own())),
    writeInvalidBatches(own()),
    ...[0, 1].map(() => writeRivals(own())),
    writeVoidings(own()),
    writeAttachments(own()),
    ...['first', 'second'].map((name) => writeVersions(own(), name)),
    ...[0, 1, 2].map(() => merge(own())),
    watch.filter,
    watch.byId,
  ];
  const all = turns.map((turn) => keepWriting(turn, pauseMs, stopping.signal));
  return {
    watch,
    async end() {
      stopping.abort();
      await Promise.all(all);
    },
  };
}
