-- A second factor is the membership's, as the password is (docs/decisions/0013).
CREATE TABLE "totp" (
    "organisation_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "sealed_secret" TEXT NOT NULL,
    "last_step" INTEGER NOT NULL DEFAULT 0,
    "confirmed_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "totp_pkey" PRIMARY KEY ("organisation_id", "user_id"),
    CONSTRAINT "totp_membership_fkey" FOREIGN KEY ("organisation_id", "user_id")
        REFERENCES "membership"("organisation_id", "user_id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "recovery_code" (
    "organisation_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "digest" TEXT NOT NULL,

    CONSTRAINT "recovery_code_pkey" PRIMARY KEY ("organisation_id", "user_id", "digest"),
    CONSTRAINT "recovery_code_membership_fkey" FOREIGN KEY ("organisation_id", "user_id")
        REFERENCES "membership"("organisation_id", "user_id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "login_challenge" (
    "hash" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "password_state" TEXT NOT NULL,
    "enrolment" BOOLEAN NOT NULL,
    "passkey_challenge" TEXT NOT NULL,
    "answers" INTEGER NOT NULL DEFAULT 0,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "login_challenge_pkey" PRIMARY KEY ("hash"),
    CONSTRAINT "login_challenge_membership_fkey" FOREIGN KEY ("organisation_id", "user_id")
        REFERENCES "membership"("organisation_id", "user_id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- What was not completed is deleted by its age.
CREATE INDEX "login_challenge_expires_at_idx" ON "login_challenge"("expires_at");

ALTER TABLE "organisation" ADD COLUMN "second_factor_required" BOOLEAN NOT NULL DEFAULT false;

-- How the login was made (RFC 8176). The sessions that are there began with a password.
ALTER TABLE "session" ADD COLUMN "methods" TEXT[] NOT NULL DEFAULT ARRAY['pwd'];
