-- The rows of a page lie far apart, and each is read by unpacking its granule up to it: a granule is 256 KiB of statements
-- now, some two hundred, in place of 8,192 rows (docs/decisions/0037). That can't be altered, so it is a new table that the
-- statements are copied to. Who is named in a statement, and which activity and registration, statement_keys (0029) says:
-- there are no indexes of them any more.
--
-- No lrs-ingest of an earlier version may run meanwhile: what it writes during the copy would be lost.
CREATE TABLE IF NOT EXISTS statements_next
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
    imported           UInt64 DEFAULT 0 CODEC(ZSTD(1)),
    INDEX verb_of verb TYPE set(100) GRANULARITY 16,
    INDEX authority_of authority TYPE set(100) GRANULARITY 16,
    PROJECTION by_id (SELECT organisation, id, stored, log_offset ORDER BY organisation, id)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(stored)
ORDER BY (organisation, stored, id)
SETTINGS
    index_granularity_bytes = 262144,
    non_replicated_deduplication_window = 1000,
    min_bytes_for_wide_part = 268435456,
    packed_skip_index_max_bytes = 1048576;

-- What a copy that was cut off has left.
-- unless: SELECT 1 FROM system.tables WHERE database = currentDatabase() AND name = 'statements' AND position(create_table_query, 'index_granularity_bytes = 262144') > 0
TRUNCATE TABLE statements_next;

-- unless: SELECT 1 FROM system.tables WHERE database = currentDatabase() AND name = 'statements' AND position(create_table_query, 'index_granularity_bytes = 262144') > 0
INSERT INTO statements_next SELECT * FROM statements SETTINGS insert_deduplicate = 0;

-- A view follows the table that it was made on, whatever that is called: each is made anew on the new one.
DROP VIEW IF EXISTS activity_minutes_of_statements;

DROP VIEW IF EXISTS verbs_of_statements;

DROP VIEW IF EXISTS verb_minutes_of_statements;

DROP VIEW IF EXISTS activity_hours_of_statements;

DROP VIEW IF EXISTS actor_hours_of_statements;

-- unless: SELECT 1 FROM system.tables WHERE database = currentDatabase() AND name = 'statements' AND position(create_table_query, 'index_granularity_bytes = 262144') > 0
EXCHANGE TABLES statements AND statements_next;

DROP TABLE IF EXISTS statements_next SYNC;

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

CREATE MATERIALIZED VIEW IF NOT EXISTS verbs_of_statements TO verbs AS
SELECT organisation, toString(verb) AS verb, max(stored) AS last
FROM statements
GROUP BY organisation, verb;

CREATE MATERIALIZED VIEW IF NOT EXISTS verb_minutes_of_statements TO verb_minutes AS
SELECT organisation, toStartOfMinute(toDateTime(stored, 'UTC')) AS minute, verb, toInt64(count()) AS statements
FROM statements
GROUP BY organisation, minute, verb;

CREATE MATERIALIZED VIEW IF NOT EXISTS activity_hours_of_statements TO activity_hours AS
SELECT organisation, toStartOfHour(toDateTime(stored, 'UTC')) AS hour, activity, verb, toInt64(count()) AS statements
FROM statements
WHERE activity != ''
GROUP BY organisation, hour, activity, verb;

CREATE MATERIALIZED VIEW IF NOT EXISTS actor_hours_of_statements TO actor_hours AS
SELECT organisation, toStartOfHour(toDateTime(stored, 'UTC')) AS hour, actor, verb, toInt64(count()) AS statements
FROM statements
WHERE actor != ''
GROUP BY organisation, hour, actor, verb;
