-- Providers who say for an organisation who somebody is (docs/decisions/0016).
CREATE TABLE "identity_provider" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "issuer" TEXT NOT NULL,
    "client_id" TEXT NOT NULL,
    "sealed_client_secret" TEXT NOT NULL,
    "domains" TEXT[] NOT NULL,
    "role_claim" TEXT,
    "role_mapping" JSONB NOT NULL DEFAULT '[]',
    "default_roles" TEXT[] NOT NULL,
    "enabled" BOOLEAN NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "identity_provider_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "identity_provider_organisation_id_fkey" FOREIGN KEY ("organisation_id")
        REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

CREATE UNIQUE INDEX "identity_provider_organisation_id_id_key" ON "identity_provider"("organisation_id", "id");

-- Who somebody is to a provider: by its subject, for an address may pass on to another person (OpenID Connect Core 5.7).
CREATE TABLE "federated_identity" (
    "organisation_id" TEXT NOT NULL,
    "provider_id" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "federated_identity_pkey" PRIMARY KEY ("organisation_id", "provider_id", "subject"),
    CONSTRAINT "federated_identity_provider_fkey" FOREIGN KEY ("organisation_id", "provider_id")
        REFERENCES "identity_provider"("organisation_id", "id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "federated_identity_membership_fkey" FOREIGN KEY ("organisation_id", "user_id")
        REFERENCES "membership"("organisation_id", "user_id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE UNIQUE INDEX "federated_identity_organisation_id_provider_id_user_id_key"
    ON "federated_identity"("organisation_id", "provider_id", "user_id");

-- A browser that was sent to a provider.
CREATE TABLE "sign_on" (
    "state_hash" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "provider_id" TEXT NOT NULL,
    "browser_hash" TEXT NOT NULL,
    "sealed_verifier" TEXT NOT NULL,
    "sealed_nonce" TEXT NOT NULL,
    "return_to" TEXT NOT NULL,
    "link_user_id" TEXT,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "sign_on_pkey" PRIMARY KEY ("state_hash"),
    CONSTRAINT "sign_on_provider_fkey" FOREIGN KEY ("organisation_id", "provider_id")
        REFERENCES "identity_provider"("organisation_id", "id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- What was not completed is deleted by its age.
CREATE INDEX "sign_on_expires_at_idx" ON "sign_on"("expires_at");

-- One-time secrets about a provider: LOGIN and LINK for who came back from it, LINK_BEGIN for who is about to go.
CREATE TABLE "sign_on_code" (
    "hash" TEXT NOT NULL,
    "purpose" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "provider_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "subject" TEXT,
    "return_to" TEXT,
    "methods" TEXT[] NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "sign_on_code_pkey" PRIMARY KEY ("hash"),
    CONSTRAINT "sign_on_code_provider_fkey" FOREIGN KEY ("organisation_id", "provider_id")
        REFERENCES "identity_provider"("organisation_id", "id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "sign_on_code_membership_fkey" FOREIGN KEY ("organisation_id", "user_id")
        REFERENCES "membership"("organisation_id", "user_id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- What was not completed is deleted by its age.
CREATE INDEX "sign_on_code_expires_at_idx" ON "sign_on_code"("expires_at");

-- Where browsers are sent after a provider: whole URLs, compared as they are.
ALTER TABLE "organisation" ADD COLUMN "sign_on_returns" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[];

-- What a login began with, which the second factor adds to.
ALTER TABLE "login_challenge" ADD COLUMN "methods" TEXT[] NOT NULL DEFAULT ARRAY['pwd'];
