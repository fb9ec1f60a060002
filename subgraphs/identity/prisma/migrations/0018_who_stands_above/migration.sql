-- Who is kept out of an organisation while what they have there stays, and who stands above all organisations
-- (docs/decisions/0018).

-- Null: the person may log in. Who was removed has no roles, and is not deactivated beside.
ALTER TABLE "membership" ADD COLUMN "deactivated_at" TIMESTAMPTZ(3);

-- The list of who is deactivated: a few among a million.
CREATE INDEX "membership_deactivated_idx" ON "membership"("organisation_id", "name_key", "user_id")
    WHERE "deactivated_at" IS NOT NULL;

-- One organisation's people may be given the role PLATFORM_ADMIN.
ALTER TABLE "organisation" ADD COLUMN "platform" BOOLEAN NOT NULL DEFAULT false;
CREATE UNIQUE INDEX "organisation_platform_key" ON "organisation"("platform") WHERE "platform";

-- Whichever door somebody comes in by: a role that rules over all organisations is held in that one alone. What is
-- removed from is not looked at, so that a login costs nothing more.
CREATE FUNCTION "membership_refuse_platform_role"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM organisation WHERE id = NEW.organisation_id AND platform) THEN
        RAISE EXCEPTION 'The role PLATFORM_ADMIN is given in the platform organisation alone.'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER "membership_platform_role" BEFORE INSERT OR UPDATE OF "roles", "organisation_id" ON "membership"
    FOR EACH ROW WHEN ('PLATFORM_ADMIN' = ANY(NEW."roles")) EXECUTE FUNCTION membership_refuse_platform_role();

-- An installation that is there: its oldest organisation is the platform's. Where it is the only one, whoever
-- administers it administers all there is already, and its first administrator holds the role. Where there are several,
-- nobody has shown that the oldest one's administrators may rule the others: the operator says who (README).
UPDATE "organisation" SET "platform" = true
    WHERE "id" = (SELECT "id" FROM "organisation" ORDER BY "created_at", "id" LIMIT 1);
UPDATE "membership" SET "roles" = array_append("roles", 'PLATFORM_ADMIN'), "revision" = "revision" + 1
    WHERE (SELECT count(*) FROM "organisation") = 1
      AND ("organisation_id", "user_id") = (
          SELECT "organisation_id", "user_id" FROM "membership"
          WHERE 'ADMIN' = ANY("roles") ORDER BY "created_at", "user_id" LIMIT 1);
