-- What happened at an activity in each minute (of `stored`): the roll-up that counts by minute, hour and day read.
--   statements  statements whose object is the activity: sums over several activities count none twice
--   mentions    statements that name it as object or in their context
--   actors      who is behind the mentions: uniqIfMerge(actors)
CREATE TABLE IF NOT EXISTS activity_minutes
(
    organisation LowCardinality(String),
    activity     String,
    minute       DateTime('UTC'),
    statements   SimpleAggregateFunction(sum, UInt64),
    mentions     SimpleAggregateFunction(sum, UInt64),
    actors       AggregateFunction(uniqIf, String, UInt8)
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(minute)
ORDER BY (organisation, activity, minute)
SETTINGS non_replicated_deduplication_window = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS activity_minutes_of_statements TO activity_minutes AS
SELECT
    organisation,
    arrayJoin(related_activities) AS activity,
    toStartOfMinute(toDateTime(stored, 'UTC')) AS minute,
    countIf(activity = statements.activity) AS statements,
    count() AS mentions,
    uniqIfState(actor, actor != '') AS actors
FROM statements
GROUP BY organisation, activity, minute;
