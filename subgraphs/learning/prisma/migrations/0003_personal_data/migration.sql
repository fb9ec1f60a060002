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
