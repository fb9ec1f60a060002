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
