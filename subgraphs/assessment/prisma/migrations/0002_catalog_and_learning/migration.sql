-- What this service needs of others, kept from their events: no foreign keys, since events of different topics come in
-- any order.
CREATE TABLE "course" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "revision" INTEGER NOT NULL,

    CONSTRAINT "course_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "quiz_item" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "course_id" TEXT NOT NULL,
    "assessment_id" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "place" INTEGER NOT NULL,

    CONSTRAINT "quiz_item_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "enrolment" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "course_id" TEXT NOT NULL,
    "learner_id" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "revision" INTEGER NOT NULL,

    CONSTRAINT "enrolment_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "quiz_item_assessment_id_course_id_place_idx" ON "quiz_item"("assessment_id", "course_id", "place");
CREATE INDEX "quiz_item_course_id_idx" ON "quiz_item"("course_id");
CREATE INDEX "enrolment_learner_id_course_id_idx" ON "enrolment"("learner_id", "course_id");
