import type { PartitionLag } from '@lyceum/events';
import type { IdentifiedRecord, IngestedIds } from './ingested-ids.ts';

/**
 * Of which records ingest must look for the ids in ClickHouse before it writes them (docs/decisions/0006). Who took its ids
 * when it was accepted needs no look: nobody else has them. But an id may be there that no receiver took: of old
 * statements, until their ids were filled in, and of Lyceum's own services, until ingest has noted them. What was appended
 * after both is sure.
 */
export interface LookUps {
  /** @param records of one partition, in order */
  select<T extends IdentifiedRecord>(records: readonly T[]): Promise<ReadonlySet<T>>;
  /** ClickHouse has them, and their ids are noted. */
  written(records: readonly IdentifiedRecord[]): void;
}

interface Partition {
  /** The offset behind what was read last. Another one means that somebody else had the partition meanwhile. */
  next: bigint;
  /** What is there from this offset on was accepted when all ids before it were noted; undefined while nobody knows. */
  sureFrom?: bigint;
  /** Ids that nobody took before they were on the log, of records since then. */
  readonly untaken: Set<string>;
}

/** Beyond, records are looked up until all that is now on the log is written. */
const mostUntaken = 10_000;

export function createLookUps(o: {
  ids: Pick<IngestedIds, 'selectUnsure'>;
  /** Of ingest's group. */
  lag: () => Promise<readonly PartitionLag[]>;
}): LookUps {
  const partitions = new Map<string, Partition>();

  function partitionOf({ topic, partition, offset }: IdentifiedRecord): Partition {
    const name = `${topic}/${String(partition)}`;
    const known = partitions.get(name);
    if (known?.next === BigInt(offset)) return known;
    const own: Partition = { next: BigInt(offset), untaken: new Set() };
    partitions.set(name, own);
    return own;
  }

  /** Where the partition ends, or further on; undefined where the log does not say. */
  async function endOf({ topic, partition, offset }: IdentifiedRecord): Promise<bigint | undefined> {
    const lags = await o.lag().catch(() => []);
    const own = lags.find((each) => each.topic === topic && each.partition === partition);
    return own && BigInt(offset) + BigInt(own.lag);
  }

  return {
    async select(records) {
      const [first] = records;
      if (first === undefined) return new Set();
      const own = partitionOf(first);
      const unsure = await o.ids.selectUnsure(records);
      const lookedUp = new Set(records.filter((record) => unsure.has(record) || !isSure(own, record)));
      // Asked only when old ids were filled in, and after this block's were not yet: what comes later is sure.
      if (own.sureFrom === undefined && unsure.size === 0) {
        const end = await endOf(first);
        if (end !== undefined) own.sureFrom = end;
      }
      return lookedUp;
    },

    written(records) {
      const [first] = records;
      const last = records.at(-1);
      if (first === undefined || last === undefined) return;
      const own = partitionOf(first);
      own.next = BigInt(last.offset) + 1n;
      for (const { claim, organisationId, ids } of records)
        if (claim === undefined) for (const id of ids) own.untaken.add(`${organisationId}/${id}`);
      if (own.untaken.size <= mostUntaken) return;
      own.untaken.clear();
      delete own.sureFrom;
    },
  };
}

function isSure({ sureFrom, untaken }: Partition, record: IdentifiedRecord): boolean {
  const { claim, offset, organisationId, ids } = record;
  if (claim === undefined || sureFrom === undefined || BigInt(offset) < sureFrom) return false;
  return untaken.size === 0 || !ids.some((id) => untaken.has(`${organisationId}/${id}`));
}
