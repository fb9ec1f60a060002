-- How many statements each activity was the object of in each hour (of `stored`), by verb. The day stands before the
-- activity: the busiest activities of some days, and one activity over years, both read little beside their own rows.
CREATE TABLE IF NOT EXISTS activity_hours
(
    organisation LowCardinality(String),
    hour         DateTime('UTC') CODEC(Delta, ZSTD(1)),
    activity     String CODEC(ZSTD(1)),
    verb         LowCardinality(String),
    statements   Int64 CODEC(T64, ZSTD(1))
)
ENGINE = SummingMergeTree(statements)
PARTITION BY toYYYYMM(hour)
ORDER BY (organisation, toDate(hour), activity, verb, hour)
SETTINGS non_replicated_deduplication_window = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS activity_hours_of_statements TO activity_hours AS
SELECT organisation, toStartOfHour(toDateTime(stored, 'UTC')) AS hour, activity, verb, toInt64(count()) AS statements
FROM statements
WHERE activity != ''
GROUP BY organisation, hour, activity, verb;
