-- Every statement of every organisation, one row each. The columns but organisation, log_offset and the indexes are
-- the line that packages/xapi writes (statement-line.ts); `statement` is the text that readers get.
--
-- by_id finds a statement by its id. It is a projection because a projection is written with the part that it
-- belongs to: it can't miss a row.
CREATE TABLE IF NOT EXISTS statements
(
    organisation       LowCardinality(String),
    id                 UUID,
    stored             DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    timestamp          DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    verb               LowCardinality(String),
    object_type        LowCardinality(String),
    activity           String CODEC(ZSTD(1)),
    actor              String CODEC(ZSTD(1)),
    registration       Nullable(UUID),
    related_activities Array(String) CODEC(ZSTD(1)),
    related_agents     Array(String) CODEC(ZSTD(1)),
    object_statement   Nullable(UUID),
    success            Nullable(Bool),
    completion         Nullable(Bool),
    score_scaled       Nullable(Float64),
    authority          LowCardinality(String),
    statement          String CODEC(ZSTD(1)),
    log_offset         UInt64 CODEC(Delta, ZSTD(1)),
    INDEX actor_of actor TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX activity_of activity TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX related_activities_of related_activities TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX related_agents_of related_agents TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX registration_of registration TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX verb_of verb TYPE set(100) GRANULARITY 1,
    PROJECTION by_id (SELECT organisation, id, stored, log_offset ORDER BY organisation, id)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(stored)
ORDER BY (organisation, stored, id)
-- Blocks whose tokens are remembered: far more than can be in doubt after a crash (one for each partition of the log).
SETTINGS non_replicated_deduplication_window = 1000;

-- Takes rows as `statements` does and keeps none: ingest finds the unreadable one of a block with it.
CREATE TABLE IF NOT EXISTS statement_probe AS statements ENGINE = Null;
