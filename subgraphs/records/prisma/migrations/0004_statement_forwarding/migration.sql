-- Statements that organisations have forwarded to other Learning Record Stores: what they want is decided here; the
-- Learning Record Store does it, and tells how it goes over the log (docs/decisions/0033).
CREATE TABLE "statement_forwarding" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "endpoint" TEXT NOT NULL,
    "version" TEXT NOT NULL CHECK ("version" IN ('1.0.3', '2.0.0')),
    "key" TEXT NOT NULL,
    -- Sealed (packages/service, encryption.ts).
    "secret" TEXT NOT NULL,
    "filter" JSONB NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,
    "attachments" BOOLEAN NOT NULL,
    "enabled" BOOLEAN NOT NULL,
    -- Of what is wanted; grows with each change.
    "revision" INTEGER NOT NULL,
    "created_by" TEXT NOT NULL,
    "updated_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    -- As the Learning Record Store told last; `told` is the revision of that.
    "state" TEXT NOT NULL CHECK ("state" IN ('RUNNING', 'WAITING', 'PAUSED', 'FAILING')),
    "told" INTEGER NOT NULL DEFAULT 0,
    "sent" BIGINT NOT NULL DEFAULT 0,
    "refused" BIGINT NOT NULL DEFAULT 0,
    "pending" BIGINT,
    "lag_seconds" DOUBLE PRECISION,
    "failure" TEXT,
    "failing_since" TIMESTAMPTZ(3),
    "waiting_until" TIMESTAMPTZ(3),
    "last_success_at" TIMESTAMPTZ(3),
    "heard_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    -- When the Learning Record Store was last told what is wanted.
    "asked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "statement_forwarding_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "statement_forwarding_organisation_id_name_key" ON "statement_forwarding"("organisation_id", "name");
CREATE INDEX "statement_forwarding_organisation_id_id_idx" ON "statement_forwarding"("organisation_id", "id");
CREATE INDEX "statement_forwarding_heard_at_idx" ON "statement_forwarding"("heard_at");

-- Statements that the other store refused, in its words: the newest of each forwarding.
CREATE TABLE "statement_forwarding_refusal" (
    "forwarding_id" TEXT NOT NULL,
    "statement_id" TEXT NOT NULL,
    "status" INTEGER NOT NULL,
    "reason" TEXT NOT NULL,
    "refused_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "statement_forwarding_refusal_pkey" PRIMARY KEY ("forwarding_id", "statement_id"),
    CONSTRAINT "statement_forwarding_refusal_forwarding_id_fkey" FOREIGN KEY ("forwarding_id")
        REFERENCES "statement_forwarding"("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE INDEX "statement_forwarding_refusal_forwarding_id_refused_at_idx"
    ON "statement_forwarding_refusal"("forwarding_id", "refused_at", "statement_id");
