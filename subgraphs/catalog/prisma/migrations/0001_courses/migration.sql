CREATE TYPE "course_status" AS ENUM ('DRAFT', 'PUBLISHED', 'ARCHIVED');
CREATE TYPE "content_item_type" AS ENUM ('PAGE', 'VIDEO', 'DOCUMENT', 'QUIZ', 'EXTERNAL');

-- Titles are compared by the Unicode Collation Algorithm, so that "apple" and "Äpfel" stand before "Bread".
-- Words of the search keep their form ('simple'): courses are written in many languages, and a beginning finds the rest.
CREATE TABLE "course" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "title" TEXT COLLATE "und-x-icu" NOT NULL,
    "summary" TEXT NOT NULL,
    "language" TEXT NOT NULL,
    "status" "course_status" NOT NULL DEFAULT 'DRAFT',
    "revision" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "published_at" TIMESTAMPTZ(3),
    "archived_at" TIMESTAMPTZ(3),
    "search" tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('simple', "title"), 'A') || setweight(to_tsvector('simple', "summary"), 'B')
    ) STORED,

    CONSTRAINT "course_pkey" PRIMARY KEY ("id")
);

-- The order of positions is checked at the end of a transaction: while modules change places, two share one.
CREATE TABLE "module" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "course_id" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "position" INTEGER NOT NULL CHECK ("position" >= 0),

    CONSTRAINT "module_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "module_course_id_position_key" UNIQUE ("course_id", "position") DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE "content_item" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "course_id" TEXT NOT NULL,
    "module_id" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "type" "content_item_type" NOT NULL,
    "position" INTEGER NOT NULL CHECK ("position" >= 0),
    "required" BOOLEAN NOT NULL,
    "body" TEXT,
    "url" TEXT,
    "assessment_id" TEXT,

    CONSTRAINT "content_item_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "content_item_module_id_position_key" UNIQUE ("module_id", "position") DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT "content_item_content_of_type" CHECK (
        ("body" IS NOT NULL) = ("type" = 'PAGE')
        AND ("url" IS NOT NULL) = ("type" IN ('VIDEO', 'DOCUMENT', 'EXTERNAL'))
        AND ("assessment_id" IS NOT NULL) = ("type" = 'QUIZ')
    )
);

CREATE UNIQUE INDEX "course_organisation_id_slug_key" ON "course"("organisation_id", "slug");
CREATE INDEX "course_organisation_id_title_id_idx" ON "course"("organisation_id", "title", "id");
CREATE INDEX "course_organisation_id_created_at_id_idx" ON "course"("organisation_id", "created_at", "id");
CREATE INDEX "course_organisation_id_updated_at_id_idx" ON "course"("organisation_id", "updated_at", "id");
CREATE INDEX "course_search_idx" ON "course" USING GIN ("search");
CREATE INDEX "content_item_course_id_idx" ON "content_item"("course_id");

ALTER TABLE "module" ADD CONSTRAINT "module_course_id_fkey" FOREIGN KEY ("course_id") REFERENCES "course"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "content_item" ADD CONSTRAINT "content_item_module_id_fkey" FOREIGN KEY ("module_id") REFERENCES "module"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Events are written here in the transaction of the change that they tell of. The relay (packages/events) publishes
-- them in order of id and deletes them once the log has them.
CREATE TABLE "outbox" (
    "id" BIGSERIAL NOT NULL,
    "topic" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "headers" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("id")
);

CREATE FUNCTION notify_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('outbox', '');
    RETURN NULL;
END
$$;

CREATE TRIGGER "outbox_notify" AFTER INSERT ON "outbox" FOR EACH STATEMENT EXECUTE FUNCTION notify_outbox();
