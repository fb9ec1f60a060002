-- What a statement reaches through StatementRefs (Communication 2.1.3): a row for each statement behind it, at any depth,
-- with what that one is found by, so that a filter reads these rows as it reads `statements` itself. Made at ingest; made
-- again they are the same rows, which is why they need no token.
--   stored, id, authority, voiding  the statement that refers
--   target, target_stored           the statement that it reaches
--   known      since when it does: the newest `stored` on the way there
--   next       what the target refers to, if to anything
--   agents     its actor and object, and members of both
CREATE TABLE IF NOT EXISTS statement_references
(
    organisation       LowCardinality(String),
    stored             DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    id                 UUID,
    authority          LowCardinality(String),
    voiding            Bool,
    target             UUID,
    target_stored      DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    known              DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    next               Nullable(UUID),
    verb               LowCardinality(String),
    activity           String CODEC(ZSTD(1)),
    agents             Array(String) CODEC(ZSTD(1)),
    registration       Nullable(UUID),
    related_activities Array(String) CODEC(ZSTD(1)),
    related_agents     Array(String) CODEC(ZSTD(1)),
    target_authority   LowCardinality(String),
    INDEX agents_of agents TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX activity_of activity TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX related_activities_of related_activities TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX related_agents_of related_agents TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX registration_of registration TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX verb_of verb TYPE set(100) GRANULARITY 1
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(stored)
ORDER BY (organisation, stored, id, target);

-- Statements whose chain ends at one that is not here yet: found by its id when it comes. A row is never wrong, only
-- done with: what was reached is then in statement_references, and the chain waits for something else or for nothing.
--   depth  how many statements were reached before
--   known  the newest `stored` among them and the statement itself
CREATE TABLE IF NOT EXISTS waiting_references
(
    organisation LowCardinality(String),
    target       UUID,
    stored       DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    id           UUID,
    depth        UInt16,
    known        DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (organisation, target, stored, id);
