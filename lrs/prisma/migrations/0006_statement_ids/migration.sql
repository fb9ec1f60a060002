-- Which request took the id of a statement (docs/decisions/0022-statement-ids.md). Where the log is Kafka; the embedded
-- log has them in its own files.
CREATE TABLE "statement_id" (
    "organisation_id" TEXT NOT NULL,
    "id" UUID NOT NULL,
    "request" UUID NOT NULL,
    "place" INTEGER NOT NULL,

    CONSTRAINT "statement_id_pkey" PRIMARY KEY ("organisation_id", "id")
);

-- Requests whose statements ClickHouse may not have yet, with the record that they are on the log as; and those that
-- lapsed, whose records ingest leaves out.
CREATE TABLE "statement_request" (
    "id" UUID NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'OPEN',
    "value" BYTEA,
    "claimed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "statement_request_pkey" PRIMARY KEY ("id")
);
