import type { Connection } from './store.ts';

/** A range of offsets of one partition, both ends included. */
export interface OffsetRange {
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: bigint;
  readonly lastOffset: bigint;
}

export function ingestBlockStore(db: Connection) {
  return {
    /**
     * Notes a range as the partition's next block, if it lies behind the last one noted. Of several processes that
     * try, one succeeds.
     */
    insert: async ({ topic, partition, firstOffset, lastOffset }: OffsetRange): Promise<boolean> => {
      const written = await db.$executeRaw`
        INSERT INTO ingest_block (topic, partition, first_offset, last_offset)
        VALUES (${topic}, ${partition}, ${firstOffset}, ${lastOffset})
        ON CONFLICT (topic, partition) DO UPDATE
        SET first_offset = EXCLUDED.first_offset, last_offset = EXCLUDED.last_offset
        WHERE ingest_block.last_offset < EXCLUDED.first_offset`;
      return written === 1;
    },

    /** The last block that was noted for a partition. */
    select: (topic: string, partition: number): Promise<OffsetRange> =>
      db.ingestBlock.findUniqueOrThrow({ where: { topic_partition: { topic, partition } } }),
  };
}
