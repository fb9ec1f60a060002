-- Whom an organisation takes in, and the links in mails by which people come in, or prove whose address it is.
ALTER TABLE "organisation"
    ADD COLUMN "registration" TEXT NOT NULL DEFAULT 'CLOSED'
        CHECK ("registration" IN ('OPEN', 'BY_DOMAIN', 'BY_INVITATION', 'CLOSED')),
    ADD COLUMN "registration_domains" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[];

CREATE TABLE "invitation" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "email" TEXT NOT NULL CHECK ("email" = lower("email")),
    "roles" TEXT[],
    "locale" TEXT NOT NULL,
    "invited_by" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "accepted_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "invitation_pkey" PRIMARY KEY ("id")
);

-- A link is its token, of which a hash is kept: good once, until it expires, for one purpose.
CREATE TABLE "account_token" (
    "hash" TEXT NOT NULL,
    "purpose" TEXT NOT NULL
        CHECK ("purpose" IN ('REGISTRATION', 'INVITATION', 'PASSWORD_RESET', 'EMAIL_CHANGE', 'EMAIL_CHANGE_CONSENT')),
    "organisation_id" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "locale" TEXT NOT NULL,
    "user_id" TEXT,
    "name" TEXT,
    "password_hash" TEXT,
    "password_state" TEXT,
    "invitation_id" TEXT,
    "change_id" TEXT,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "spent_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "account_token_pkey" PRIMARY KEY ("hash")
);

-- One invitation to an address at a time.
CREATE UNIQUE INDEX "invitation_open" ON "invitation"("organisation_id", "email")
    WHERE "accepted_at" IS NULL AND "revoked_at" IS NULL;
CREATE INDEX "invitation_organisation_id_id_idx" ON "invitation"("organisation_id", "id");
CREATE INDEX "account_token_organisation_id_email_idx" ON "account_token"("organisation_id", "email");
CREATE INDEX "account_token_user_id_idx" ON "account_token"("user_id");
CREATE INDEX "account_token_expires_at_idx" ON "account_token"("expires_at");

ALTER TABLE "invitation" ADD CONSTRAINT "invitation_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
