-- Sessions, API clients and personal access tokens that ended while an access token of theirs may be valid.
CREATE TABLE ended_session (
  id     text           PRIMARY KEY,
  "until" timestamptz(3) NOT NULL
);

CREATE INDEX ended_session_until ON ended_session ("until");

-- After an organisation was reinstated, tokens of sessions from before open nothing.
ALTER TABLE organisation ADD COLUMN sessions_from timestamptz(3);
