-- What was done to accounts, roles, keys and organisations, and what of that was refused. Rows are only ever added, by
-- audit_append: the role that the service works as may call it and read, and nothing else. Each row's hash covers the
-- one before, so that what was changed or taken out past the service is found.
CREATE TABLE "audit_event" (
    "organisation_id" TEXT NOT NULL,
    "sequence" BIGINT NOT NULL,
    "id" TEXT NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "act" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    "actor_id" TEXT,
    "subject_id" TEXT,
    "event" TEXT NOT NULL,
    "previous_hash" TEXT NOT NULL,
    "hash" TEXT NOT NULL,

    CONSTRAINT "audit_event_pkey" PRIMARY KEY ("organisation_id","sequence")
);
CREATE INDEX "audit_event_organisation_id_subject_id_sequence_idx" ON "audit_event"("organisation_id", "subject_id", "sequence");
CREATE INDEX "audit_event_organisation_id_actor_id_sequence_idx" ON "audit_event"("organisation_id", "actor_id", "sequence");
CREATE INDEX "audit_event_organisation_id_act_sequence_idx" ON "audit_event"("organisation_id", "act", "sequence");

-- The end of each organisation's chain; '' is that of acts that belong to none.
CREATE TABLE "audit_chain" (
    "organisation_id" TEXT NOT NULL,
    "sequence" BIGINT NOT NULL,
    "hash" TEXT NOT NULL,

    CONSTRAINT "audit_chain_pkey" PRIMARY KEY ("organisation_id")
);

CREATE FUNCTION "audit_append"("entry" TEXT) RETURNS VOID
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    fields JSONB := entry::jsonb;
    chain audit_chain%ROWTYPE;
    new_hash TEXT;
BEGIN
    INSERT INTO audit_chain VALUES (fields->>'organisationId', 0, '') ON CONFLICT DO NOTHING;
    -- Held until the transaction ends: whoever writes next must know this row's hash, or that it never came to be.
    SELECT * INTO chain FROM audit_chain WHERE organisation_id = fields->>'organisationId' FOR UPDATE;
    new_hash := encode(sha256(convert_to(
        concat(chain.hash, E'\n', chain.sequence + 1, E'\n', entry), 'UTF8')), 'hex');
    INSERT INTO audit_event VALUES (
        chain.organisation_id, chain.sequence + 1, fields->>'id', (fields->>'occurredAt')::timestamptz,
        fields->>'act', fields->>'outcome', fields#>>'{actor,id}', fields->>'subjectId',
        entry, chain.hash, new_hash);
    UPDATE audit_chain SET sequence = chain.sequence + 1, hash = new_hash
    WHERE organisation_id = chain.organisation_id;
END $$;

-- Also past the service's role: by the owner of the tables, whose mistake it would be.
CREATE FUNCTION "audit_refuse_change"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The audit log is append-only.' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER "audit_event_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_event"
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();

-- How often somebody guessed wrongly: at an account, from an address, or both.
CREATE TABLE "guess_limit" (
    "subject" TEXT NOT NULL,
    "failures" INTEGER NOT NULL,
    "blocked_until" TIMESTAMPTZ(3) NOT NULL,
    "last_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "guess_limit_pkey" PRIMARY KEY ("subject")
);
CREATE INDEX "guess_limit_last_at_idx" ON "guess_limit"("last_at");

-- Where a session was begun.
ALTER TABLE "session" ADD COLUMN "client_address" TEXT, ADD COLUMN "user_agent" TEXT;

-- A key is published before it signs, so that every verifier has it by then, and stays until its last token ended.
ALTER TABLE "signing_key" ADD COLUMN "signs_from" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP;
UPDATE "signing_key" SET "signs_from" = "created_at";
