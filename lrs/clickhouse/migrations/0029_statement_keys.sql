-- Where to find the statements of an agent, an activity or a registration: a row for each key of a statement, in the order
-- of `stored` behind the key, so that a page of any of them is read from one place however many statements there are
-- (docs/decisions/0037). It leads to statements, which decide: a row twice, or one that leads to nothing, does no harm.
--   key       sipHash128 of its kind and what it is, an agent's as comparableKey of packages/xapi has it, so that an erasure
--             finds it by the person's keys
--   direct    what a filter without related_agents or related_activities finds it by
--   spelling  0 where the agent is written as comparableKey has it; else a hash of how it is written
--   size      bits of the text's length in bytes
CREATE TABLE IF NOT EXISTS statement_keys
(
    organisation LowCardinality(String),
    key          UInt128,
    stored       DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    verb         LowCardinality(String),
    direct       Bool,
    spelling     UInt32 CODEC(ZSTD(1)),
    size         UInt8,
    imported     UInt64 CODEC(ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toYear(stored)
ORDER BY (organisation, key, stored)
SETTINGS
    index_granularity = 2048,
    non_replicated_deduplication_window = 1000,
    min_bytes_for_wide_part = 268435456;

DROP VIEW IF EXISTS statement_keys_of_statements;

-- What was filled in before it was cut off.
TRUNCATE TABLE statement_keys;

CREATE MATERIALIZED VIEW IF NOT EXISTS statement_keys_of_statements TO statement_keys AS
SELECT
    organisation,
    each.1 AS key,
    stored,
    verb,
    each.2 AS direct,
    each.3 AS spelling,
    toUInt8(ceil(log2(length(statement) + 1))) AS size,
    imported
FROM (
    SELECT
        *,
        multiIf(
            NOT (object_type IN ('Agent', 'Group') OR position(statement, '"Group"') > 0), [actor],
            NOT isValidJSON(statement), related_agents,
            arrayConcat([actor], arrayMap(one -> multiIf(
            JSONHas(one, 'account'),
            concat('account:', JSONExtractString(one, 'account', 'homePage'), '|', JSONExtractString(one, 'account', 'name')),
            JSONHas(one, 'mbox'), JSONExtractString(one, 'mbox'),
            JSONHas(one, 'mbox_sha1sum'), concat('sha1:', lower(JSONExtractString(one, 'mbox_sha1sum'))),
            concat('openid:', JSONExtractString(one, 'openid'))),
            arrayConcat(
                JSONExtractArrayRaw(statement, 'actor', 'member'),
                if(object_type IN ('Agent', 'Group'), [JSONExtractRaw(statement, 'object')], []),
                if(object_type = 'Group', JSONExtractArrayRaw(statement, 'object', 'member'), []))))) AS agents,
        arrayDistinct(arrayPushBack(related_agents, toString(authority))) AS named
    FROM statements
)
ARRAY JOIN arrayConcat(
    arrayMap(one -> (reinterpretAsUInt128(sipHash128('activity', one)), one = activity, toUInt32(0)), related_activities),
    arrayMap(
        (one, comparable) -> (
            reinterpretAsUInt128(sipHash128('agent', comparable)),
            has(agents, one),
            if(one = comparable, 0, toUInt32(cityHash64(one)))),
        named,
        arrayMap(one -> if(startsWith(lower(one), 'mailto:'), lowerUTF8(one), one), named)),
    if(registration IS NULL, [],
        [(reinterpretAsUInt128(sipHash128('registration', toString(assumeNotNull(registration)))), true, toUInt32(0))])) AS each;

-- What was there before the view.
INSERT INTO statement_keys SELECT
    organisation,
    each.1 AS key,
    stored,
    verb,
    each.2 AS direct,
    each.3 AS spelling,
    toUInt8(ceil(log2(length(statement) + 1))) AS size,
    imported
FROM (
    SELECT
        *,
        multiIf(
            NOT (object_type IN ('Agent', 'Group') OR position(statement, '"Group"') > 0), [actor],
            NOT isValidJSON(statement), related_agents,
            arrayConcat([actor], arrayMap(one -> multiIf(
            JSONHas(one, 'account'),
            concat('account:', JSONExtractString(one, 'account', 'homePage'), '|', JSONExtractString(one, 'account', 'name')),
            JSONHas(one, 'mbox'), JSONExtractString(one, 'mbox'),
            JSONHas(one, 'mbox_sha1sum'), concat('sha1:', lower(JSONExtractString(one, 'mbox_sha1sum'))),
            concat('openid:', JSONExtractString(one, 'openid'))),
            arrayConcat(
                JSONExtractArrayRaw(statement, 'actor', 'member'),
                if(object_type IN ('Agent', 'Group'), [JSONExtractRaw(statement, 'object')], []),
                if(object_type = 'Group', JSONExtractArrayRaw(statement, 'object', 'member'), []))))) AS agents,
        arrayDistinct(arrayPushBack(related_agents, toString(authority))) AS named
    FROM statements
)
ARRAY JOIN arrayConcat(
    arrayMap(one -> (reinterpretAsUInt128(sipHash128('activity', one)), one = activity, toUInt32(0)), related_activities),
    arrayMap(
        (one, comparable) -> (
            reinterpretAsUInt128(sipHash128('agent', comparable)),
            has(agents, one),
            if(one = comparable, 0, toUInt32(cityHash64(one)))),
        named,
        arrayMap(one -> if(startsWith(lower(one), 'mailto:'), lowerUTF8(one), one), named)),
    if(registration IS NULL, [],
        [(reinterpretAsUInt128(sipHash128('registration', toString(assumeNotNull(registration)))), true, toUInt32(0))])) AS each
SETTINGS insert_deduplicate = 0;
