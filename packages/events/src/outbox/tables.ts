/**
 * The tables of outbox and inbox, for the first migration of each database. Copy the text: a migration once
 * applied never changes, so this is where the next database starts, not something to import in one.
 *
 * - outbox: an event is a row, written in the transaction of the change it tells of. The relay publishes the rows
 *   in order of id and deletes them. Write the row after the aggregate's own row was locked or written: then events
 *   of one aggregate get their ids in the order in which their transactions commit.
 * - inbox: which consumer has handled which event, written in the transaction of what handling it did.
 */
export const outboxAndInboxTables = `
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

CREATE TABLE inbox (
  consumer   text        NOT NULL,
  event_id   text        NOT NULL,
  handled_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (consumer, event_id)
);

CREATE INDEX inbox_handled_at ON inbox (handled_at);
`;
