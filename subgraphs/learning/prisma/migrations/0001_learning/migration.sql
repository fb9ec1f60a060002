-- What identity and the catalog tell of, as far as progress needs it.

CREATE TYPE "course_status" AS ENUM ('DRAFT', 'PUBLISHED', 'ARCHIVED');
CREATE TYPE "content_item_type" AS ENUM ('PAGE', 'VIDEO', 'DOCUMENT', 'QUIZ', 'EXTERNAL');

CREATE TABLE "mailbox" (
    "address" TEXT NOT NULL CHECK ("address" = lower("address")),
    "user_id" TEXT NOT NULL,

    CONSTRAINT "mailbox_pkey" PRIMARY KEY ("address")
);

CREATE TABLE "user_revision" (
    "user_id" TEXT NOT NULL,
    "revision" INTEGER NOT NULL,

    CONSTRAINT "user_revision_pkey" PRIMARY KEY ("user_id")
);

CREATE TABLE "learner" (
    "organisation_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "roles" TEXT[] NOT NULL DEFAULT '{}',
    "revision" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "learner_pkey" PRIMARY KEY ("organisation_id", "user_id")
);

CREATE TABLE "course" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "status" "course_status" NOT NULL,
    "revision" INTEGER NOT NULL,
    "structure_revision" INTEGER NOT NULL,
    "corrected_revision" INTEGER NOT NULL,

    CONSTRAINT "course_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "module" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "course_id" TEXT NOT NULL REFERENCES "course"("id"),
    "title" TEXT NOT NULL,
    "position" INTEGER NOT NULL,

    CONSTRAINT "module_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "content_item" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "course_id" TEXT NOT NULL REFERENCES "course"("id"),
    "module_id" TEXT NOT NULL REFERENCES "module"("id"),
    "type" "content_item_type" NOT NULL,
    "required" BOOLEAN NOT NULL,
    "position" INTEGER NOT NULL,

    CONSTRAINT "content_item_pkey" PRIMARY KEY ("id")
);

-- Courses whose learners' progress is to be corrected; nearly always empty.
CREATE INDEX "course_stale_idx" ON "course"("id") WHERE "structure_revision" <> "corrected_revision";
CREATE INDEX "module_course_id_position_idx" ON "module"("course_id", "position");
CREATE INDEX "content_item_course_id_idx" ON "content_item"("course_id");
CREATE INDEX "content_item_module_id_idx" ON "content_item"("module_id");

-- Enrolments.

CREATE TYPE "enrolment_status" AS ENUM ('ACTIVE', 'WITHDRAWN', 'COMPLETED');

CREATE TABLE "enrolment" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "course_id" TEXT NOT NULL REFERENCES "course"("id"),
    "learner_id" TEXT NOT NULL,
    "status" "enrolment_status" NOT NULL DEFAULT 'ACTIVE',
    "enrolled_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "completed_at" TIMESTAMPTZ(3),
    "withdrawn_at" TIMESTAMPTZ(3),
    "revision" INTEGER NOT NULL DEFAULT 1,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "enrolment_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "enrolment_learner_fkey" FOREIGN KEY ("organisation_id", "learner_id")
        REFERENCES "learner"("organisation_id", "user_id")
);

CREATE TABLE "idempotency_key" (
    "organisation_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "input_hash" TEXT NOT NULL,
    "enrolment_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "idempotency_key_pkey" PRIMARY KEY ("organisation_id", "user_id", "key")
);

-- A learner has one enrolment in a course at a time.
CREATE UNIQUE INDEX "enrolment_course_id_learner_id_key" ON "enrolment"("course_id", "learner_id")
    WHERE "status" <> 'WITHDRAWN';
CREATE INDEX "enrolment_organisation_id_id_idx" ON "enrolment"("organisation_id", "id");
CREATE INDEX "enrolment_organisation_id_course_id_id_idx" ON "enrolment"("organisation_id", "course_id", "id");
CREATE INDEX "enrolment_organisation_id_learner_id_id_idx" ON "enrolment"("organisation_id", "learner_id", "id");

-- Progress. Rows are updated in place many times: the room left in each page lets that happen without touching an
-- index (https://www.postgresql.org/docs/18/storage-hot.html).

CREATE TYPE "progress_status" AS ENUM ('NOT_STARTED', 'STARTED', 'COMPLETED');

CREATE TABLE "item_progress" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "learner_id" TEXT NOT NULL,
    "item_id" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3),
    "completed_at" TIMESTAMPTZ(3),
    "passed_at" TIMESTAMPTZ(3),
    "failed_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "item_progress_pkey" PRIMARY KEY ("id")
) WITH (fillfactor = 80);

CREATE TABLE "mailbox_evidence" (
    "organisation_id" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "item_id" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3),
    "completed_at" TIMESTAMPTZ(3),
    "passed_at" TIMESTAMPTZ(3),
    "failed_at" TIMESTAMPTZ(3),

    CONSTRAINT "mailbox_evidence_pkey" PRIMARY KEY ("address", "organisation_id", "item_id")
);

CREATE TABLE "module_progress" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "learner_id" TEXT NOT NULL,
    "course_id" TEXT NOT NULL REFERENCES "course"("id"),
    "module_id" TEXT NOT NULL,
    "status" "progress_status" NOT NULL,
    "percent" INTEGER NOT NULL CHECK ("percent" BETWEEN 0 AND 100),
    "completed_items" INTEGER NOT NULL CHECK ("completed_items" BETWEEN 0 AND "required_items"),
    "required_items" INTEGER NOT NULL,
    "started_at" TIMESTAMPTZ(3),
    "completed_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "module_progress_pkey" PRIMARY KEY ("id")
) WITH (fillfactor = 80);

CREATE TABLE "course_progress" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "learner_id" TEXT NOT NULL,
    "course_id" TEXT NOT NULL REFERENCES "course"("id"),
    "status" "progress_status" NOT NULL,
    "percent" INTEGER NOT NULL CHECK ("percent" BETWEEN 0 AND 100),
    "completed_items" INTEGER NOT NULL CHECK ("completed_items" BETWEEN 0 AND "required_items"),
    "required_items" INTEGER NOT NULL,
    "revision" INTEGER NOT NULL DEFAULT 1,
    "structure_revision" INTEGER NOT NULL,
    "started_at" TIMESTAMPTZ(3),
    "completed_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "course_progress_pkey" PRIMARY KEY ("id")
) WITH (fillfactor = 80);

CREATE UNIQUE INDEX "item_progress_organisation_id_learner_id_item_id_key"
    ON "item_progress"("organisation_id", "learner_id", "item_id");
CREATE UNIQUE INDEX "module_progress_course_id_learner_id_module_id_key"
    ON "module_progress"("course_id", "learner_id", "module_id");
CREATE UNIQUE INDEX "course_progress_course_id_learner_id_key" ON "course_progress"("course_id", "learner_id");
CREATE INDEX "course_progress_course_id_structure_revision_learner_id_idx"
    ON "course_progress"("course_id", "structure_revision", "learner_id");
CREATE INDEX "course_progress_organisation_id_course_id_id_idx"
    ON "course_progress"("organisation_id", "course_id", "id");
CREATE INDEX "course_progress_organisation_id_learner_id_course_id_idx"
    ON "course_progress"("organisation_id", "learner_id", "course_id");
