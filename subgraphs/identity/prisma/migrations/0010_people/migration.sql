-- What the list of an organisation's people is found, filtered and ordered by, at a million of them.

-- Parts of names and addresses are found by their trigrams. A trusted extension: it needs the right to create in the
-- database, no superuser (PostgreSQL 13 and later).
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- A text as people look it up: without case and accents. Its order is that of dictionaries where that of bytes is not
-- (Émile, Łukasz and de Boer stand among E, L and D), and, unlike that of a collation of ICU or of the C library, the
-- same on every machine and after every upgrade: an index by it never has to be built again. At most 200 characters: a
-- ligature may stand for 18, and a row of an index holds 2,700 bytes.
CREATE FUNCTION look_up_key(shown TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN left(
    replace(replace(replace(replace(
        translate(
            regexp_replace(normalize(lower(shown COLLATE "und-x-icu"), NFKD), '[\u0300-\u036F]', '', 'g'),
            'łøđħŧı', 'lodhti'),
        'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
    200) COLLATE "C";

-- The address is the account's; here it is kept as it is there, so that an organisation's people are found and ordered by
-- it within the organisation. The foreign key makes it follow.
CREATE UNIQUE INDEX "user_id_email_key" ON "user"("id", "email");
DROP INDEX "membership_organisation_id_name_user_id_idx";

ALTER TABLE "membership"
    ADD COLUMN "email" TEXT COLLATE "C",
    ADD COLUMN "external_id" TEXT,
    ADD COLUMN "name_key" TEXT COLLATE "C" NOT NULL GENERATED ALWAYS AS (look_up_key("name")) STORED;

UPDATE "membership" SET "email" = "user"."email" FROM "user" WHERE "user"."id" = "membership"."user_id";

ALTER TABLE "membership"
    ALTER COLUMN "email" SET NOT NULL,
    DROP CONSTRAINT "membership_user_id_fkey",
    ADD CONSTRAINT "membership_user_id_email_fkey" FOREIGN KEY ("user_id", "email")
        REFERENCES "user"("id", "email") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE UNIQUE INDEX "membership_external_id_key" ON "membership"("organisation_id", "external_id")
    WHERE "external_id" IS NOT NULL;
-- An index an order. The sets of roles that people have are few, and one index holds them all: those of a role are the
-- people of some sets, merged, whether ten or most have it (store/people-pages.ts); those who were removed have none.
CREATE INDEX "membership_by_name_idx" ON "membership"("organisation_id", "name_key", "user_id") WHERE "roles" <> '{}';
CREATE INDEX "membership_by_email_idx" ON "membership"("organisation_id", "email", "user_id") WHERE "roles" <> '{}';
CREATE INDEX "membership_by_age_idx" ON "membership"("organisation_id", "created_at", "user_id") WHERE "roles" <> '{}';
CREATE INDEX "membership_by_roles_idx" ON "membership"("organisation_id", "roles", "name_key", "user_id");
CREATE INDEX "membership_name_trgm_idx" ON "membership" USING gin ("name_key" gin_trgm_ops);
CREATE INDEX "membership_email_trgm_idx" ON "membership" USING gin ("email" gin_trgm_ops);
