-- Statements as they are to be after an erasure, while it puts them in the place of those that are there
-- (src/personal-data/statement-rewriter.ts); empty otherwise. In memory, as joinGet wants it, and on the disk.
CREATE TABLE IF NOT EXISTS statement_erasure
(
    id             String,
    actor          String,
    related_agents Array(String),
    authority      String,
    statement      String
)
ENGINE = Join(ANY, LEFT, id);

-- The same for who is behind a minute of activity_minutes (src/personal-data/roll-up-rewriter.ts).
CREATE TABLE IF NOT EXISTS minute_erasure
(
    minute_activity String,
    actors          AggregateFunction(uniqIf, String, UInt8)
)
ENGINE = Join(ANY, LEFT, minute_activity);
