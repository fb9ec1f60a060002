-- What is reached, as it is to be after an erasure (0003 has the same for statements); empty otherwise.
CREATE TABLE IF NOT EXISTS reference_erasure
(
    id             String,
    agents         Array(String),
    related_agents Array(String),
    authority      String
)
ENGINE = Join(ANY, LEFT, id);
