-- Keys end by themselves, are rotated while the secret before goes on for a while, and tell when they were last used.
ALTER TABLE "lrs_key"
    ADD COLUMN "expires_at" TIMESTAMPTZ(3),
    ADD COLUMN "last_used_at" TIMESTAMPTZ(3),
    ADD COLUMN "previous_until" TIMESTAMPTZ(3);
