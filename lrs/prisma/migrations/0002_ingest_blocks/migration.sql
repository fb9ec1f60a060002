-- What ingest is about to write is noted before it is written, so that a block comes again as the same block.
CREATE TABLE "ingest_block" (
    "topic" TEXT NOT NULL,
    "partition" INTEGER NOT NULL,
    "first_offset" BIGINT NOT NULL,
    "last_offset" BIGINT NOT NULL,

    CONSTRAINT "ingest_block_pkey" PRIMARY KEY ("topic", "partition")
);
