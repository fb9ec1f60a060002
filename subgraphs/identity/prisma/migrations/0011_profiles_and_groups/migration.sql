-- What an organisation knows of a person is their membership's, so that none sees another's (docs/decisions/0010).
ALTER TABLE "membership"
    ADD COLUMN "given_name" TEXT,
    ADD COLUMN "family_name" TEXT,
    ADD COLUMN "pronouns" TEXT,
    ADD COLUMN "avatar_url" TEXT,
    ADD COLUMN "locale" TEXT,
    ADD COLUMN "time_zone" TEXT,
    ADD COLUMN "bio" TEXT;

CREATE TABLE "group" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "name_key" TEXT COLLATE "C" NOT NULL GENERATED ALWAYS AS (look_up_key("name")) STORED,
    "description" TEXT,
    "external_id" TEXT,
    "revision" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "group_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "group_organisation_id_fkey" FOREIGN KEY ("organisation_id")
        REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

CREATE UNIQUE INDEX "group_organisation_id_name_key" ON "group"("organisation_id", "name");
CREATE UNIQUE INDEX "group_organisation_id_id_key" ON "group"("organisation_id", "id");
CREATE UNIQUE INDEX "group_external_id_key" ON "group"("organisation_id", "external_id") WHERE "external_id" IS NOT NULL;
CREATE INDEX "group_by_name_idx" ON "group"("organisation_id", "name_key", "id");

-- Both keys hold the organisation: a group has no member of another.
CREATE TABLE "group_member" (
    "organisation_id" TEXT NOT NULL,
    "group_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "group_member_pkey" PRIMARY KEY ("organisation_id", "group_id", "user_id"),
    CONSTRAINT "group_member_group_fkey" FOREIGN KEY ("organisation_id", "group_id")
        REFERENCES "group"("organisation_id", "id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "group_member_membership_fkey" FOREIGN KEY ("organisation_id", "user_id")
        REFERENCES "membership"("organisation_id", "user_id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE INDEX "group_member_organisation_id_user_id_idx" ON "group_member"("organisation_id", "user_id");
