-- What the store of attachments holds (docs/decisions/0025): the bytes lie in files or in S3, by organisation and hash.
CREATE TABLE attachment (
  organisation_id text           NOT NULL,
  sha2            text           NOT NULL,
  bytes           bigint         NOT NULL,
  created_at      timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (organisation_id, sha2)
);

-- Which statement refers to which. Noted before the statement is appended, and confirmed once it was: of what was never
-- confirmed, the sweep asks ClickHouse.
CREATE TABLE attachment_use (
  organisation_id text           NOT NULL,
  sha2            text           NOT NULL,
  statement_id    uuid           NOT NULL,
  confirmed       boolean        NOT NULL DEFAULT false,
  noted_at        timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (organisation_id, sha2, statement_id),
  FOREIGN KEY (organisation_id, sha2) REFERENCES attachment (organisation_id, sha2)
);

CREATE INDEX attachment_use_unconfirmed ON attachment_use (noted_at) WHERE NOT confirmed;

CREATE INDEX attachment_use_statement ON attachment_use (organisation_id, statement_id);

-- The sum of an organisation's attachments, changed in the transaction that changes them.
CREATE TABLE attachment_storage (
  organisation_id text   PRIMARY KEY,
  bytes           bigint NOT NULL CHECK (bytes >= 0)
);
