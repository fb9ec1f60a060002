-- What an organisation calls a person, and the password that lets them into it, belong to the membership: an
-- administrator who adds somebody with an account elsewhere neither reads nor sets anything there.
ALTER TABLE "membership"
    ADD COLUMN "name" TEXT,
    ADD COLUMN "password_hash" TEXT,
    ADD COLUMN "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP;

UPDATE "membership"
SET "name" = "user"."name", "password_hash" = "user"."password_hash", "created_at" = "user"."created_at"
FROM "user"
WHERE "user"."id" = "membership"."user_id";

ALTER TABLE "membership" ALTER COLUMN "name" SET NOT NULL;

CREATE INDEX "membership_organisation_id_name_user_id_idx" ON "membership"("organisation_id", "name", "user_id");
