-- Statements on their way to other Learning Record Stores (docs/decisions/0033): what an organisation wants, how far it is,
-- and who is at it. A row stays when it is deleted, without what it was to do: an erasure has to say that something was sent.
CREATE TABLE "statement_forwarding" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    -- As its event says it; of the highest revision.
    "setup" JSONB NOT NULL,
    "setup_revision" INTEGER NOT NULL,
    "enabled" BOOLEAN NOT NULL,
    "deleted_at" TIMESTAMPTZ(3),
    -- Places in the order of (stored, id), `stored` as ClickHouse writes it: all up to the first was sent, or refused; all up to
    -- the second was looked at, or will be before anything behind it.
    "cursor_stored" TEXT COLLATE "C" NOT NULL,
    "cursor_id" TEXT NOT NULL,
    "reading_through" TEXT COLLATE "C" NOT NULL,
    "sent" BIGINT NOT NULL DEFAULT 0,
    "refused" BIGINT NOT NULL DEFAULT 0,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "failure" TEXT,
    "failing_since" TIMESTAMPTZ(3),
    -- Whether nothing is tried until somebody changes something.
    "stopped" BOOLEAN NOT NULL DEFAULT false,
    "next_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_success_at" TIMESTAMPTZ(3),
    -- What records was told of it.
    "told" INTEGER NOT NULL DEFAULT 0,
    "told_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "worker" TEXT,
    "leased_until" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "statement_forwarding_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "statement_forwarding_next_at_idx" ON "statement_forwarding"("next_at")
    WHERE "enabled" AND NOT "stopped" AND "deleted_at" IS NULL;
CREATE INDEX "statement_forwarding_told_at_idx" ON "statement_forwarding"("told_at")
    WHERE "enabled" AND "deleted_at" IS NULL;
CREATE INDEX "statement_forwarding_organisation_id_idx" ON "statement_forwarding"("organisation_id");

-- Statements that came to ClickHouse behind the place up to which a forwarding had looked: they are sent by themselves.
CREATE TABLE "statement_forwarding_late" (
    "forwarding_id" TEXT NOT NULL,
    "stored" TEXT COLLATE "C" NOT NULL,
    "statement_id" TEXT NOT NULL,

    CONSTRAINT "statement_forwarding_late_pkey" PRIMARY KEY ("forwarding_id", "stored", "statement_id"),
    CONSTRAINT "statement_forwarding_late_forwarding_id_fkey" FOREIGN KEY ("forwarding_id")
        REFERENCES "statement_forwarding"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
