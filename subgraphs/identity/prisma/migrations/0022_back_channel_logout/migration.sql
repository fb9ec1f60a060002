-- By which provider, and in which session there, a login was made: so that the provider can end it (docs/decisions/0020).
ALTER TABLE "session" ADD COLUMN "provider_id" TEXT, ADD COLUMN "provider_session" TEXT;
ALTER TABLE "login_challenge" ADD COLUMN "provider_id" TEXT, ADD COLUMN "provider_session" TEXT;
ALTER TABLE "sign_on_code" ADD COLUMN "provider_session" TEXT;

-- Those that a provider may end; most sessions have none.
CREATE INDEX "session_of_provider_idx" ON "session"("provider_id", "user_id")
    WHERE "provider_id" IS NOT NULL AND "ended_at" IS NULL;
CREATE INDEX "session_in_provider_session_idx" ON "session"("provider_id", "provider_session")
    WHERE "provider_session" IS NOT NULL AND "ended_at" IS NULL;
CREATE INDEX "login_challenge_of_provider_idx" ON "login_challenge"("provider_id") WHERE "provider_id" IS NOT NULL;
CREATE INDEX "sign_on_code_provider_id_idx" ON "sign_on_code"("provider_id");

-- Logout tokens that were used, until they would have expired: each ends sessions once.
CREATE TABLE "used_logout_token" (
    "organisation_id" TEXT NOT NULL,
    "provider_id" TEXT NOT NULL,
    "token_hash" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "used_logout_token_pkey" PRIMARY KEY ("provider_id", "token_hash"),
    CONSTRAINT "used_logout_token_provider_fkey" FOREIGN KEY ("organisation_id", "provider_id")
        REFERENCES "identity_provider"("organisation_id", "id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE INDEX "used_logout_token_expires_at_idx" ON "used_logout_token"("expires_at");
