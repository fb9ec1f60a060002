-- How many statements each actor (agentKey of packages/xapi) made in each hour (of `stored`), by verb. It holds persons:
-- an erasure takes theirs out and counts them under the pseudonym (src/personal-data/actor-hours-eraser.ts).
CREATE TABLE IF NOT EXISTS actor_hours
(
    organisation LowCardinality(String),
    hour         DateTime('UTC') CODEC(Delta, ZSTD(1)),
    actor        String CODEC(ZSTD(1)),
    verb         LowCardinality(String),
    statements   Int64 CODEC(T64, ZSTD(1))
)
ENGINE = SummingMergeTree(statements)
PARTITION BY toYYYYMM(hour)
ORDER BY (organisation, toDate(hour), actor, verb, hour)
SETTINGS non_replicated_deduplication_window = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS actor_hours_of_statements TO actor_hours AS
SELECT organisation, toStartOfHour(toDateTime(stored, 'UTC')) AS hour, actor, verb, toInt64(count()) AS statements
FROM statements
WHERE actor != ''
GROUP BY organisation, hour, actor, verb;

-- Down to which day a roll-up has been counted from the statements that were there before its view was
-- (src/roll-ups/filling.ts): the lowest counts. It stands beside the data, so that it is lost and kept with them.
CREATE TABLE IF NOT EXISTS roll_up_filling
(
    roll_up LowCardinality(String),
    day     Date
)
ENGINE = MergeTree
ORDER BY roll_up;
