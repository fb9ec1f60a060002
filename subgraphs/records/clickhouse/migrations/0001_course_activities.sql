-- Which activities (IRIs) belong to a course: the course itself, its modules, its items, and what its quizzes ask.
-- Written from catalog.events, the whole course each time; the same row again is the same row, and merged away.
-- What a course loses stays: the statements about it were made in the course, and the past does not change.
CREATE TABLE IF NOT EXISTS course_activities
(
    organisation LowCardinality(String),
    course       String,
    activity     String
)
ENGINE = ReplacingMergeTree
ORDER BY (organisation, course, activity);
