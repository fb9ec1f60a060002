-- How often something happened within a span of time, counted over all instances (docs/decisions/0020): mails that were
-- asked for from a network, and refusals of one kind.
CREATE TABLE "counted_window" (
    "subject" TEXT NOT NULL,
    "began_at" TIMESTAMPTZ(3) NOT NULL,
    "count" INTEGER NOT NULL,
    "previous" INTEGER NOT NULL,

    CONSTRAINT "counted_window_pkey" PRIMARY KEY ("subject")
);

-- Old ones are deleted by their age.
CREATE INDEX "counted_window_began_at_idx" ON "counted_window"("began_at");

-- By which upkeep finds what nobody needs any more.
CREATE INDEX "session_ended_at_idx" ON "session"("ended_at") WHERE "ended_at" IS NOT NULL;
CREATE INDEX "refresh_token_expires_at_idx" ON "refresh_token"("expires_at");
CREATE INDEX "invitation_expires_at_idx" ON "invitation"("expires_at");
CREATE INDEX "personal_access_token_expires_at_idx" ON "personal_access_token"("expires_at");

-- How often an import was taken on since its last step: one that never gets on is given up.
ALTER TABLE "people_import" ADD COLUMN "attempts" INTEGER NOT NULL DEFAULT 0;
