-- Passkeys are the membership's, too (docs/decisions/0013). No two memberships share a credential (WebAuthn 7.1, 26).
CREATE TABLE "passkey" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "user_handle" TEXT NOT NULL,
    "credential_id" TEXT NOT NULL,
    "public_key" BYTEA NOT NULL,
    "counter" BIGINT NOT NULL,
    "transports" TEXT[] NOT NULL,
    "synced" BOOLEAN NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "passkey_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "passkey_membership_fkey" FOREIGN KEY ("organisation_id", "user_id")
        REFERENCES "membership"("organisation_id", "user_id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE UNIQUE INDEX "passkey_credential_id_key" ON "passkey"("credential_id");
CREATE INDEX "passkey_organisation_id_user_id_id_idx" ON "passkey"("organisation_id", "user_id", "id");

CREATE TABLE "passkey_challenge" (
    "challenge" TEXT NOT NULL,
    "organisation_id" TEXT,
    "user_id" TEXT,
    "user_handle" TEXT,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "passkey_challenge_pkey" PRIMARY KEY ("challenge")
);

-- What was not completed is deleted by its age.
CREATE INDEX "passkey_challenge_expires_at_idx" ON "passkey_challenge"("expires_at");
