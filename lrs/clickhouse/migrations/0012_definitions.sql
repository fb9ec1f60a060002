-- What is known of activities and of people beside their ids: the latest that a credential which may define has said
-- (Communication 4.2, scope define), each part by itself, so that the order of arrival does not matter.
--   part   `name/en-US`, `description/de`, `type`, `moreInfo`, `extensions/<IRI>`, `interaction`
--   value  its JSON
CREATE TABLE IF NOT EXISTS activity_definitions
(
    organisation LowCardinality(String),
    activity     String CODEC(ZSTD(1)),
    part         String CODEC(ZSTD(1)),
    stored       DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    value        String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(stored)
ORDER BY (organisation, activity, part);

-- agent: agentKey of packages/xapi. Holds names of people: the erasure deletes theirs.
CREATE TABLE IF NOT EXISTS agent_names
(
    organisation LowCardinality(String),
    agent        String CODEC(ZSTD(1)),
    name         String CODEC(ZSTD(1)),
    stored       DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(stored)
ORDER BY (organisation, agent, name);
