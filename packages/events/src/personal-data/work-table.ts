/**
 * The table of how far a service is with its answers about people, for a migration of its database. Copy the text: a
 * migration once applied never changes.
 */
export const personalDataWorkTable = `
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
`;
