-- Who was erased: the id stays in what others keep (grades, the audit log), and nothing here leads from it to anybody.
CREATE TABLE "erased_person" (
    "organisation_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    -- Of the membership that there was: one that is made anew goes on from it, for others know which was the last.
    "revision" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "erased_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "erased_person_pkey" PRIMARY KEY ("organisation_id", "user_id"),
    CONSTRAINT "erased_person_organisation_id_fkey" FOREIGN KEY ("organisation_id")
        REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- What led to a person is found by the person.
CREATE INDEX "session_organisation_id_user_id_idx" ON "session"("organisation_id", "user_id");

CREATE FUNCTION "membership_revision_goes_on"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    NEW.revision := COALESCE(
        (SELECT e.revision + 1 FROM erased_person e
         WHERE e.organisation_id = NEW.organisation_id AND e.user_id = NEW.user_id),
        NEW.revision);
    RETURN NEW;
END $$;
CREATE TRIGGER "membership_revision_goes_on" BEFORE INSERT ON "membership"
    FOR EACH ROW EXECUTE FUNCTION membership_revision_goes_on();
