-- People from a CSV file. The file lies here in pieces until it is done with, so that any instance goes on with it where
-- another died.
CREATE TABLE "people_import" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "file_name" TEXT NOT NULL,
    "dry_run" BOOLEAN NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'UPLOADING' CHECK ("state" IN ('UPLOADING', 'WAITING', 'RUNNING', 'COMPLETED', 'FAILED')),
    "failure" TEXT,
    "bytes" INTEGER NOT NULL DEFAULT 0,
    -- All up to this line of the file is done.
    "line" INTEGER NOT NULL DEFAULT 0,
    "rows" INTEGER NOT NULL DEFAULT 0,
    "created" INTEGER NOT NULL DEFAULT 0,
    "updated" INTEGER NOT NULL DEFAULT 0,
    "unchanged" INTEGER NOT NULL DEFAULT 0,
    "faulty_rows" INTEGER NOT NULL DEFAULT 0,
    "faults" INTEGER NOT NULL DEFAULT 0,
    -- Who works on it, and until when nobody else does.
    "worker" TEXT,
    "leased_until" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "people_import_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "people_import_organisation_id_fkey" FOREIGN KEY ("organisation_id")
        REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- One at a time in an organisation: two could contradict each other.
CREATE UNIQUE INDEX "people_import_under_way_key" ON "people_import"("organisation_id")
    WHERE "state" IN ('UPLOADING', 'WAITING', 'RUNNING');
CREATE INDEX "people_import_organisation_id_id_idx" ON "people_import"("organisation_id", "id");

CREATE TABLE "people_import_piece" (
    "import_id" TEXT NOT NULL,
    "place" INTEGER NOT NULL,
    "content" BYTEA NOT NULL,

    CONSTRAINT "people_import_piece_pkey" PRIMARY KEY ("import_id", "place"),
    CONSTRAINT "people_import_piece_import_id_fkey" FOREIGN KEY ("import_id")
        REFERENCES "people_import"("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "people_import_fault" (
    "id" BIGSERIAL NOT NULL,
    "import_id" TEXT NOT NULL,
    "line" INTEGER NOT NULL,
    "column" TEXT,
    "reason" TEXT NOT NULL,

    CONSTRAINT "people_import_fault_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "people_import_fault_import_id_fkey" FOREIGN KEY ("import_id")
        REFERENCES "people_import"("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE INDEX "people_import_fault_import_id_id_idx" ON "people_import_fault"("import_id", "id");
