-- Work on an organisation's whole store of learning records. What is asked for is decided here; the Learning Record Store
-- does it, and tells how far it is over the log.
CREATE TABLE "store_job" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL CHECK ("kind" IN ('EXPORT', 'IMPORT', 'RETENTION')),
    "state" TEXT NOT NULL CHECK ("state" IN ('WAITING', 'RUNNING', 'DONE', 'FAILED', 'CANCELLED', 'EXPIRED')),
    "parameters" JSONB NOT NULL,
    "requested_by" TEXT NOT NULL,
    "revision" INTEGER NOT NULL DEFAULT 0,
    "done" BIGINT NOT NULL DEFAULT 0,
    "total" BIGINT,
    "written" BIGINT NOT NULL DEFAULT 0,
    "known" BIGINT NOT NULL DEFAULT 0,
    "faulty" BIGINT NOT NULL DEFAULT 0,
    "bytes" BIGINT NOT NULL DEFAULT 0,
    "faults" JSONB NOT NULL DEFAULT '[]',
    "failure" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "heard_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3),

    CONSTRAINT "store_job_pkey" PRIMARY KEY ("id")
);

-- One of a kind at a time in an organisation: it costs as much as the store is large.
CREATE UNIQUE INDEX "store_job_open_key" ON "store_job"("organisation_id", "kind")
    WHERE "state" IN ('WAITING', 'RUNNING');
CREATE INDEX "store_job_organisation_id_id_idx" ON "store_job"("organisation_id", "id");
CREATE INDEX "store_job_heard_at_idx" ON "store_job"("heard_at") WHERE "state" IN ('WAITING', 'RUNNING');

-- Events are written here in the transaction of the change that they tell of. The relay (packages/events) publishes
-- them in order of id and deletes them once the log has them.
CREATE TABLE "outbox" (
    "id" BIGSERIAL NOT NULL,
    "topic" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "headers" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("id")
);

CREATE FUNCTION notify_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('outbox', '');
    RETURN NULL;
END
$$;

CREATE TRIGGER "outbox_notify" AFTER INSERT ON "outbox" FOR EACH STATEMENT EXECUTE FUNCTION notify_outbox();

-- How far the answers about people are (packages/events, personal-data): a crash goes on where they were.
CREATE TABLE personal_data_work (
  job_id          text        PRIMARY KEY,
  event_id        text        NOT NULL,
  organisation_id text        NOT NULL,
  user_id         text        NOT NULL,
  kind            text        NOT NULL,
  state           text        NOT NULL DEFAULT 'RUNNING' CHECK (state IN ('RUNNING', 'DONE', 'FAILED')),
  table_name      text        NOT NULL DEFAULT '',
  after_key       text        NOT NULL DEFAULT '',
  place           integer     NOT NULL DEFAULT 0,
  report          jsonb       NOT NULL DEFAULT '[]',
  attempts        integer     NOT NULL DEFAULT 0,
  updated_at      timestamptz NOT NULL DEFAULT now()
);
