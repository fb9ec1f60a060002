-- How long an organisation keeps its learning records: what is older by one of the rules is dropped, once a day, by a job on
-- the store (docs/decisions/0038). No row: nothing is.
CREATE TABLE "store_retention" (
    "organisation_id" TEXT NOT NULL,
    "rules" JSONB NOT NULL,
    "updated_by" TEXT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "next_run_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "store_retention_pkey" PRIMARY KEY ("organisation_id")
);

CREATE INDEX "store_retention_next_run_at_idx" ON "store_retention"("next_run_at");
