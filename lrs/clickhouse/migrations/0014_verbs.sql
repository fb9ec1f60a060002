-- Which verbs an organisation's statements have, and when each was stored last, by which the newest statement with it is
-- found. Holds nobody. Both columns that are aggregated bear being counted twice, so that filling it bears being repeated.
CREATE TABLE IF NOT EXISTS verbs
(
    organisation LowCardinality(String),
    verb         String,
    last         SimpleAggregateFunction(max, DateTime64(6, 'UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY (organisation, verb)
SETTINGS non_replicated_deduplication_window = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS verbs_of_statements TO verbs AS
SELECT organisation, toString(verb) AS verb, max(stored) AS last
FROM statements
GROUP BY organisation, verb;

-- What was there before the view.
INSERT INTO verbs SELECT organisation, toString(verb) AS verb, max(stored) AS last
FROM statements
GROUP BY organisation, verb;
