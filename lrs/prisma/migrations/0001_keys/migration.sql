-- The keys that open the store, as identity's events tell of them.
CREATE TABLE "lrs_key" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "secret_hash" TEXT NOT NULL,
    "scopes" TEXT[],
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "lrs_key_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "lrs_key_key_key" ON "lrs_key"("key");

CREATE TABLE "inbox" (
    "consumer" TEXT NOT NULL,
    "event_id" TEXT NOT NULL,
    "handled_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "inbox_pkey" PRIMARY KEY ("consumer", "event_id")
);

CREATE INDEX "inbox_handled_at" ON "inbox"("handled_at");
