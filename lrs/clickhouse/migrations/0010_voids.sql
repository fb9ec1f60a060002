-- Which statement is voided by which (Data 2.3.2), in whatever order the two come. A fact for each voiding statement:
-- that a target is voided is decided where it is read, beside the target's own verb and authority.
--   stored, id  the voiding statement
--   authority   its authority
--   any         whether who brought it may void what others brought
CREATE TABLE IF NOT EXISTS voids
(
    organisation LowCardinality(String),
    target       UUID,
    stored       DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    id           UUID,
    authority    LowCardinality(String),
    any          Bool
)
ENGINE = ReplacingMergeTree
ORDER BY (organisation, target, stored, id);
