-- Going over from one organisation to another of the same person's (docs/decisions/0018).

-- Whether somebody else chose the password, and so may know it: an administrator who entered the person.
ALTER TABLE "membership" ADD COLUMN "password_given" BOOLEAN NOT NULL DEFAULT false;
-- Of those that are there nobody knows who chose them.
UPDATE "membership" SET "password_given" = true WHERE "password_hash" IS NOT NULL;

-- That a person has shown how they log in to both, each as it was then. It leads one way.
CREATE TABLE "membership_trust" (
    "user_id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "to_organisation_id" TEXT NOT NULL,
    "from_state" TEXT NOT NULL,
    "to_state" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "membership_trust_pkey" PRIMARY KEY ("user_id", "organisation_id", "to_organisation_id"),
    CONSTRAINT "membership_trust_from_fkey" FOREIGN KEY ("organisation_id", "user_id")
        REFERENCES "membership"("organisation_id", "user_id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "membership_trust_to_fkey" FOREIGN KEY ("to_organisation_id", "user_id")
        REFERENCES "membership"("organisation_id", "user_id") ON DELETE CASCADE ON UPDATE CASCADE
);
-- What expired is deleted by its age.
CREATE INDEX "membership_trust_expires_at_idx" ON "membership_trust"("expires_at");

-- A login that began with a switch, and the session in which: completed, it is trusted the next time.
ALTER TABLE "login_challenge" ADD COLUMN "switched_from" TEXT;
