-- Ids of statements that a retention dropped (docs/decisions/0038): they stay taken. Written before the statement goes, and a
-- statement that is there counts before a row that is here. It holds nobody: digests are keyed with a secret that is not in
-- ClickHouse (src/retention/statement-digests.ts).
--   digest  of what makes the statement itself, as statements are compared (Data 2.3.1)
--   timed   the same with its timestamp
--   job     the retention that noted it
CREATE TABLE IF NOT EXISTS dropped_statements
(
    organisation LowCardinality(String),
    id           UUID CODEC(NONE),
    stored       DateTime64(6, 'UTC') CODEC(ZSTD(1)),
    digest       UInt64 CODEC(NONE),
    timed        UInt64 CODEC(NONE),
    job          LowCardinality(String),
    dropped      DateTime('UTC') CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(dropped)
PARTITION BY toYYYYMM(stored)
ORDER BY (organisation, id)
SETTINGS index_granularity = 1024;
