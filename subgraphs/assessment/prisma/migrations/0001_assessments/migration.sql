CREATE TYPE "question_type" AS ENUM ('SINGLE_CHOICE', 'MULTIPLE_RESPONSE', 'TRUE_FALSE', 'NUMERICAL');
CREATE TYPE "attempt_state" AS ENUM ('IN_PROGRESS', 'SUBMITTED', 'GRADED');
CREATE TYPE "correctness" AS ENUM ('CORRECT', 'PARTIALLY_CORRECT', 'INCORRECT', 'UNANSWERED');

CREATE TABLE "assessment" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "course_id" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "passing_score" DOUBLE PRECISION NOT NULL CHECK ("passing_score" BETWEEN 0 AND 1),
    "max_attempts" INTEGER CHECK ("max_attempts" >= 1),
    "revision" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "assessment_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "question" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "assessment_id" TEXT NOT NULL,
    -- Null once the question was taken out of the assessment.
    "position" INTEGER CHECK ("position" >= 1),
    "version_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "question_pkey" PRIMARY KEY ("id"),
    -- Checked at the end of a transaction, so that a new order may pass through doubled places.
    CONSTRAINT "question_assessment_id_position_key" UNIQUE ("assessment_id", "position") DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE "question_version" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "question_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "type" "question_type" NOT NULL,
    "text" TEXT NOT NULL,
    "points" DOUBLE PRECISION NOT NULL CHECK ("points" > 0),
    "content" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "question_version_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "answer_key" (
    "version_id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "key" JSONB NOT NULL,

    CONSTRAINT "answer_key_pkey" PRIMARY KEY ("version_id")
);

CREATE TABLE "attempt" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "assessment_id" TEXT NOT NULL,
    "course_id" TEXT NOT NULL,
    "item_id" TEXT NOT NULL,
    "learner_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL CHECK ("number" >= 1),
    "state" "attempt_state" NOT NULL DEFAULT 'IN_PROGRESS',
    "passing_score" DOUBLE PRECISION NOT NULL,
    "start_key" TEXT NOT NULL,
    "submit_key" TEXT,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "submitted_at" TIMESTAMPTZ(3),
    "graded_at" TIMESTAMPTZ(3),
    "raw_score" DOUBLE PRECISION,
    "max_score" DOUBLE PRECISION,
    "scaled_score" DOUBLE PRECISION,
    "passed" BOOLEAN,
    "revision" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "attempt_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "attempt_submitted" CHECK (
        ("state" = 'IN_PROGRESS') = ("submitted_at" IS NULL) AND ("submitted_at" IS NULL) = ("submit_key" IS NULL)
    ),
    CONSTRAINT "attempt_graded" CHECK (
        ("state" = 'GRADED') = ("graded_at" IS NOT NULL)
        AND num_nulls("graded_at", "raw_score", "max_score", "scaled_score", "passed") IN (0, 5)
    )
);

CREATE TABLE "response" (
    "attempt_id" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "question_id" TEXT NOT NULL,
    "version_id" TEXT NOT NULL,
    "answer" JSONB,
    "answered_at" TIMESTAMPTZ(3),
    "correctness" "correctness",
    "score" DOUBLE PRECISION,
    "feedback" TEXT[],

    CONSTRAINT "response_pkey" PRIMARY KEY ("attempt_id", "position")
);

CREATE INDEX "assessment_organisation_id_id_idx" ON "assessment"("organisation_id", "id");
CREATE INDEX "assessment_organisation_id_course_id_id_idx" ON "assessment"("organisation_id", "course_id", "id");
CREATE UNIQUE INDEX "question_version_id_key" ON "question"("version_id");
CREATE UNIQUE INDEX "question_version_question_id_number_key" ON "question_version"("question_id", "number");
-- Two attempts that start at once take the same number: one of them is refused.
CREATE UNIQUE INDEX "attempt_assessment_id_learner_id_number_key" ON "attempt"("assessment_id", "learner_id", "number");
CREATE UNIQUE INDEX "attempt_organisation_id_learner_id_start_key_key" ON "attempt"("organisation_id", "learner_id", "start_key");
-- One open attempt a learner and assessment. Prisma's schema has no partial index, so this is its only place.
CREATE UNIQUE INDEX "attempt_open_key" ON "attempt"("assessment_id", "learner_id") WHERE "state" = 'IN_PROGRESS';
CREATE INDEX "attempt_organisation_id_id_idx" ON "attempt"("organisation_id", "id");
CREATE INDEX "attempt_organisation_id_learner_id_id_idx" ON "attempt"("organisation_id", "learner_id", "id");
CREATE INDEX "attempt_organisation_id_assessment_id_id_idx" ON "attempt"("organisation_id", "assessment_id", "id");
CREATE UNIQUE INDEX "response_attempt_id_question_id_key" ON "response"("attempt_id", "question_id");

ALTER TABLE "question" ADD CONSTRAINT "question_assessment_id_fkey" FOREIGN KEY ("assessment_id") REFERENCES "assessment"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
-- A question and its first version name each other, so that one of the two is checked at the end of the transaction.
ALTER TABLE "question" ADD CONSTRAINT "question_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "question_version"("id") ON DELETE RESTRICT ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE "question_version" ADD CONSTRAINT "question_version_question_id_fkey" FOREIGN KEY ("question_id") REFERENCES "question"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "answer_key" ADD CONSTRAINT "answer_key_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "question_version"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "attempt" ADD CONSTRAINT "attempt_assessment_id_fkey" FOREIGN KEY ("assessment_id") REFERENCES "assessment"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "response" ADD CONSTRAINT "response_attempt_id_fkey" FOREIGN KEY ("attempt_id") REFERENCES "attempt"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "response" ADD CONSTRAINT "response_question_id_fkey" FOREIGN KEY ("question_id") REFERENCES "question"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "response" ADD CONSTRAINT "response_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "question_version"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- A version is written once: an attempt that has pinned it finds it as it was.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a row of % is never changed', TG_TABLE_NAME;
END
$$;

CREATE TRIGGER "question_version_immutable" BEFORE UPDATE ON "question_version" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "answer_key_immutable" BEFORE UPDATE ON "answer_key" FOR EACH ROW EXECUTE FUNCTION refuse_change();
