import type { KeptLines } from '../ingest/block.ts';
import type { Consequences } from '../ingest/consequences.ts';
import { storedAt } from '../ingest/leave-out-erased.ts';
import { storedOf } from '../personal-data/person.ts';
import type { statementForwardingStore } from '../store/statement-forwardings.ts';

/**
 * Notes for each forwarding the statements that come to ClickHouse behind the place up to which it has looked, or is about
 * to: it would not come by them again. Call it once they are there, and before the offset is committed. Whoever says how far
 * it looks before it does has either found them, or is found here: never neither.
 */
export function noteLate(
  consequences: Consequences,
  forwardings: Pick<ReturnType<typeof statementForwardingStore>, 'selectReading' | 'insertLate'>,
): Consequences {
  async function note(kept: readonly KeptLines[]): Promise<void> {
    const records = kept.filter(({ places }) => places.length > 0);
    const [first] = records;
    if (first === undefined) return;
    const oldest = records.map(oldestOf).reduce((least, each) => (each < least ? each : least));
    const organisationIds = [...new Set(records.map(({ record }) => record.organisationId))];
    const reading = await forwardings.selectReading(organisationIds, oldest);
    const late = reading.flatMap(({ id: forwardingId, organisationId, since, through }) => {
      const from = storedOf(new Date(since));
      return records
        .filter(({ record }) => record.organisationId === organisationId)
        .flatMap(placesOf)
        .filter(({ stored }) => stored > from && stored <= through)
        .map((place) => ({ forwardingId, ...place }));
    });
    if (late.length > 0) await forwardings.insertLate(late);
  }

  return {
    async write(kept, signal) {
      await Promise.all([consequences.write(kept, signal), note(kept)]);
    },
  };
}

/** The statements of a record are in order of `stored`, but for those of an import. */
function oldestOf(kept: KeptLines): string {
  return placesOf(kept).reduce((least, { stored }) => (stored < least ? stored : least), '9');
}

function placesOf({ record, places }: KeptLines): { stored: string; statementId: string }[] {
  return places.map((place) => ({
    stored: storedAt(record, place === 0 ? 0 : (record.ends[place - 1] ?? 0)),
    statementId: record.ids[place] ?? '',
  }));
}
