-- How many statements came in each minute (of `stored`), by verb: few rows, from which whole organisations are counted by
-- minute, hour and day. This and the two roll-ups that follow (0018, 0019) count what was written, once each, by the
-- token of its block; what a voiding statement voids stays counted, and so is the voiding one. src/roll-ups counts what
-- was there before, and makes a roll-up equal to the statements again.
CREATE TABLE IF NOT EXISTS verb_minutes
(
    organisation LowCardinality(String),
    minute       DateTime('UTC') CODEC(Delta, ZSTD(1)),
    verb         LowCardinality(String),
    statements   Int64 CODEC(T64, ZSTD(1))
)
ENGINE = SummingMergeTree(statements)
PARTITION BY toYYYYMM(minute)
ORDER BY (organisation, minute, verb)
SETTINGS non_replicated_deduplication_window = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS verb_minutes_of_statements TO verb_minutes AS
SELECT organisation, toStartOfMinute(toDateTime(stored, 'UTC')) AS minute, verb, toInt64(count()) AS statements
FROM statements
GROUP BY organisation, minute, verb;
