-- A key ends by itself, and after a rotation the secret before goes on for a while.
ALTER TABLE "lrs_key"
    ADD COLUMN "expires_at" TIMESTAMPTZ(3),
    ADD COLUMN "previous_secret_hash" TEXT,
    ADD COLUMN "previous_until" TIMESTAMPTZ(3);
