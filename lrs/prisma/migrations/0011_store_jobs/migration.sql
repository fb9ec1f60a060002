-- Work on an organisation's whole store that records asked for (docs/decisions/0032): how far it is, and who is at it.
-- Whoever works has a lease, and writes nothing once somebody else has it.
CREATE TABLE "store_job" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL CHECK ("kind" IN ('EXPORT', 'IMPORT', 'RETENTION')),
    "state" TEXT NOT NULL CHECK ("state" IN ('WAITING', 'RUNNING', 'DONE', 'FAILED', 'CANCELLED', 'EXPIRED')),
    -- The request, as its event says it.
    "request" JSONB NOT NULL,
    -- Where the work goes on, as its kind writes it.
    "place" JSONB NOT NULL DEFAULT '{}',
    "revision" INTEGER NOT NULL DEFAULT 0,
    "done" BIGINT NOT NULL DEFAULT 0,
    "total" BIGINT,
    "written" BIGINT NOT NULL DEFAULT 0,
    "known" BIGINT NOT NULL DEFAULT 0,
    "faulty" BIGINT NOT NULL DEFAULT 0,
    "bytes" BIGINT NOT NULL DEFAULT 0,
    "faults" JSONB NOT NULL DEFAULT '[]',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "failure" TEXT,
    "worker" TEXT,
    "leased_until" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),

    CONSTRAINT "store_job_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "store_job_open_idx" ON "store_job"("kind", "created_at") WHERE "state" IN ('WAITING', 'RUNNING');
CREATE INDEX "store_job_expires_at_idx" ON "store_job"("expires_at") WHERE "expires_at" IS NOT NULL;
CREATE INDEX "store_job_organisation_id_idx" ON "store_job"("organisation_id");

-- The parts of a job's file, each under the hash of its bytes: what an export has written, or an import was brought. Noted
-- before it is stored, and given its place when it counts, so that a crash leaves nothing that nobody knows of.
CREATE TABLE "store_job_file" (
    "job_id" TEXT NOT NULL,
    "sha2" TEXT NOT NULL,
    "place" INTEGER,
    "bytes" BIGINT NOT NULL,

    CONSTRAINT "store_job_file_pkey" PRIMARY KEY ("job_id", "sha2"),
    CONSTRAINT "store_job_file_job_id_fkey" FOREIGN KEY ("job_id")
        REFERENCES "store_job"("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE UNIQUE INDEX "store_job_file_place_key" ON "store_job_file"("job_id", "place");

-- Attachments whose bytes an export has written: each once.
CREATE TABLE "store_job_attachment" (
    "job_id" TEXT NOT NULL,
    "sha2" TEXT NOT NULL,

    CONSTRAINT "store_job_attachment_pkey" PRIMARY KEY ("job_id", "sha2"),
    CONSTRAINT "store_job_attachment_job_id_fkey" FOREIGN KEY ("job_id")
        REFERENCES "store_job"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
