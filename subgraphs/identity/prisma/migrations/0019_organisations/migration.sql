-- Organisations that the platform makes, limits and suspends, and that show what they look like (docs/decisions/0018).
ALTER TABLE "organisation"
    -- Null: it is open. While it is suspended nobody, no program and no key of it opens anything.
    ADD COLUMN "suspended_at" TIMESTAMPTZ(3),
    -- Sessions that began before have ended: so a suspension ends a hundred thousand of them by one row.
    ADD COLUMN "sessions_from" TIMESTAMPTZ(3),
    ADD COLUMN "revision" INTEGER NOT NULL DEFAULT 1,
    ADD COLUMN "logo_url" TEXT,
    ADD COLUMN "favicon_url" TEXT,
    ADD COLUMN "primary_colour" TEXT,
    ADD COLUMN "accent_colour" TEXT,
    ADD COLUMN "support_email" TEXT,
    ADD COLUMN "default_locale" TEXT,
    ADD COLUMN "default_time_zone" TEXT,
    -- Null: as many as there are.
    ADD COLUMN "plan_people" INTEGER,
    ADD COLUMN "plan_api_clients" INTEGER,
    ADD COLUMN "plan_lrs_keys" INTEGER,
    -- Who may log in: members with a role who are not deactivated. The triggers below keep it.
    ADD COLUMN "people_count" INTEGER NOT NULL DEFAULT 0,
    -- As that of people (0010_people).
    ADD COLUMN "name_key" TEXT COLLATE "C" NOT NULL GENERATED ALWAYS AS (look_up_key("name")) STORED;

CREATE INDEX "organisation_by_name_idx" ON "organisation"("name_key", "id");
CREATE INDEX "organisation_name_trgm_idx" ON "organisation" USING gin ("name_key" gin_trgm_ops);

UPDATE "organisation" SET "people_count" = (
    SELECT count(*) FROM "membership"
    WHERE "organisation_id" = "organisation"."id" AND "roles" <> '{}' AND "deactivated_at" IS NULL);

-- In the transaction of the change, one statement each whatever the number of people. The row of the organisation is
-- held from then on: of two who come in at a limit, the second sees the first. What changes nobody's being in it writes
-- nothing, so that a login holds nothing.
CREATE FUNCTION "membership_count_entered"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    UPDATE organisation SET people_count = people_count + change.people
    FROM (SELECT organisation_id, count(*) FILTER (WHERE roles <> '{}' AND deactivated_at IS NULL) AS people
          FROM entered GROUP BY organisation_id) AS change
    WHERE organisation.id = change.organisation_id AND change.people <> 0;
    RETURN NULL;
END $$;
CREATE FUNCTION "membership_count_left"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    UPDATE organisation SET people_count = people_count - change.people
    FROM (SELECT organisation_id, count(*) FILTER (WHERE roles <> '{}' AND deactivated_at IS NULL) AS people
          FROM gone GROUP BY organisation_id) AS change
    WHERE organisation.id = change.organisation_id AND change.people <> 0;
    RETURN NULL;
END $$;
CREATE FUNCTION "membership_count_changed"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    UPDATE organisation SET people_count = people_count + change.people
    FROM (SELECT organisation_id, sum(people) AS people
          FROM (SELECT organisation_id, (roles <> '{}' AND deactivated_at IS NULL)::int AS people FROM entered
                UNION ALL
                SELECT organisation_id, -(roles <> '{}' AND deactivated_at IS NULL)::int FROM gone) AS both_sides
          GROUP BY organisation_id) AS change
    WHERE organisation.id = change.organisation_id AND change.people <> 0;
    RETURN NULL;
END $$;
CREATE TRIGGER "membership_entered" AFTER INSERT ON "membership" REFERENCING NEW TABLE AS entered
    FOR EACH STATEMENT EXECUTE FUNCTION membership_count_entered();
CREATE TRIGGER "membership_left" AFTER DELETE ON "membership" REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION membership_count_left();
CREATE TRIGGER "membership_changed" AFTER UPDATE ON "membership" REFERENCING OLD TABLE AS gone NEW TABLE AS entered
    FOR EACH STATEMENT EXECUTE FUNCTION membership_count_changed();

-- What stands behind the @ of addresses, and who has shown that it is theirs.
CREATE TABLE "organisation_domain" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "domain" TEXT NOT NULL,
    "token" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "verified_at" TIMESTAMPTZ(3),

    CONSTRAINT "organisation_domain_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "organisation_domain_organisation_id_fkey" FOREIGN KEY ("organisation_id")
        REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "organisation_domain_organisation_id_domain_key" ON "organisation_domain"("organisation_id", "domain");
CREATE INDEX "organisation_domain_organisation_id_id_idx" ON "organisation_domain"("organisation_id", "id");
-- Many may claim one; one has it.
CREATE UNIQUE INDEX "organisation_domain_verified_key" ON "organisation_domain"("domain") WHERE "verified_at" IS NOT NULL;

-- Who invites from the platform organisation, into one to which they don't belong.
ALTER TABLE "invitation" ADD COLUMN "inviter_organisation_id" TEXT;
