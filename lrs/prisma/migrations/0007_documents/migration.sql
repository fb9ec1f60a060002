-- Documents of states, activity profiles and agent profiles. `context` is one text of fixed length for kind, activity,
-- agent and registration: IRIs may be longer than what an index takes, and an absent registration is a value of its own.
CREATE TABLE document (
  organisation_id text        NOT NULL,
  context         bytea       NOT NULL,
  id              text        COLLATE "C" NOT NULL,
  kind            text        NOT NULL CHECK (kind IN ('STATE', 'ACTIVITY_PROFILE', 'AGENT_PROFILE')),
  activity        text,
  agent           text,
  -- As agent, mailboxes in lower case: whose document it is.
  person          text,
  registration    uuid,
  content_type    text        NOT NULL,
  content         bytea       NOT NULL,
  -- SHA-1 of the content, in hexadecimal.
  etag            text        NOT NULL,
  created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at      timestamptz NOT NULL DEFAULT clock_timestamp(),

  PRIMARY KEY (organisation_id, context, id)
);

-- An account's name may be of any length, which only a hash index takes.
CREATE INDEX document_person ON document USING hash (person);
