-- What the answers about people are told through: as in every service that publishes changes.
CREATE TABLE outbox (
  id         bigserial   PRIMARY KEY,
  topic      text        NOT NULL,
  key        text        NOT NULL,
  value      text        NOT NULL,
  headers    jsonb       NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION notify_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('outbox', '');
  RETURN NULL;
END $$;

CREATE TRIGGER outbox_notify AFTER INSERT ON outbox
  FOR EACH STATEMENT EXECUTE FUNCTION notify_outbox();

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

-- Whom ingest leaves out of what the log may still bring from before an erasure. Of the keys that name the person there
-- are salted hashes only.
CREATE TABLE erased_person (
  job_id          text           PRIMARY KEY,
  organisation_id text           NOT NULL,
  user_id         text           NOT NULL,
  home_page       text           NOT NULL,
  salt            text           NOT NULL,
  key_hashes      text[]         NOT NULL,
  erased_until    timestamptz(3) NOT NULL,
  created_at      timestamptz(3) NOT NULL DEFAULT now()
);

CREATE INDEX erased_person_organisation ON erased_person (organisation_id, erased_until);
