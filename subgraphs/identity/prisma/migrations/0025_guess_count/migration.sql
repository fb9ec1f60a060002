-- Counts a guess at each subject, or at none where one of them is blocked: in one statement, for each login waits for it.
-- `free` says how many wrong ones cost nothing at each. Answers until when a subject is blocked; null: the guess may be
-- looked at. Subjects are given in one order, so that guesses from one address at several accounts never wait for each
-- other in a ring.
CREATE FUNCTION "guess_count"("subjects" TEXT[], "free" INTEGER[]) RETURNS TIMESTAMPTZ
LANGUAGE plpgsql AS $$
DECLARE
    counted INTEGER;
BEGIN
    -- The clock, and not now(): who waited for the row of a guess beside it began before that one's "until now".
    INSERT INTO guess_limit AS known (subject, failures, blocked_until, last_at)
    SELECT given.subject, 1, now(), now() FROM unnest(subjects) AS given (subject)
    ON CONFLICT (subject) DO UPDATE SET
        -- A day without a guess forgets what was before.
        failures = CASE WHEN known.last_at < now() - interval '1 day' THEN 1 ELSE known.failures + 1 END,
        last_at = now(),
        blocked_until = now() + CASE
            WHEN known.last_at < now() - interval '1 day' THEN interval '0'
            ELSE (
                SELECT CASE WHEN known.failures + 1 < given.free THEN interval '0'
                    ELSE least(power(2, least(known.failures + 1 - given.free, 20)), 900) * interval '1 second' END
                FROM unnest(subjects, guess_count.free) AS given (subject, free)
                WHERE given.subject = known.subject
            ) END
    WHERE known.blocked_until <= clock_timestamp();
    GET DIAGNOSTICS counted = ROW_COUNT;
    -- Takes the counting back with it, as the exception handler's savepoint.
    IF counted < cardinality(subjects) THEN RAISE EXCEPTION 'blocked' USING ERRCODE = 'GB001'; END IF;
    RETURN NULL;
EXCEPTION WHEN SQLSTATE 'GB001' THEN
    RETURN coalesce(
        (SELECT max(blocked_until) FROM guess_limit WHERE subject = ANY (subjects)),
        clock_timestamp());
END $$;
