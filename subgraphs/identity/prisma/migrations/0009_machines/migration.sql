-- Keys end by themselves, are rotated while the secret before goes on for a while, and tell when they were last used.
ALTER TABLE "lrs_key"
    ADD COLUMN "expires_at" TIMESTAMPTZ(3),
    ADD COLUMN "last_used_at" TIMESTAMPTZ(3),
    ADD COLUMN "previous_until" TIMESTAMPTZ(3);

-- Programs that act in an organisation, and nobody's name.
CREATE TABLE "api_client" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "secret_hash" TEXT NOT NULL,
    "previous_secret_hash" TEXT,
    "previous_until" TIMESTAMPTZ(3),
    "permissions" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_client_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "api_client_organisation_id_id_idx" ON "api_client"("organisation_id", "id");

ALTER TABLE "api_client" ADD CONSTRAINT "api_client_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- With which a program of a person's acts in their name.
CREATE TABLE "personal_access_token" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "secret_hash" TEXT NOT NULL,
    "permissions" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "last_used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "personal_access_token_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "personal_access_token_secret_hash_key" ON "personal_access_token"("secret_hash");
CREATE INDEX "personal_access_token_organisation_id_user_id_id_idx" ON "personal_access_token"("organisation_id", "user_id", "id");

ALTER TABLE "personal_access_token" ADD CONSTRAINT "personal_access_token_organisation_id_user_id_fkey" FOREIGN KEY ("organisation_id", "user_id") REFERENCES "membership"("organisation_id", "user_id") ON DELETE RESTRICT ON UPDATE CASCADE;
