-- What an organisation holds of a person, to be gathered or erased: each service does its part, told over the log.
CREATE TABLE "privacy_job" (
    "id" TEXT NOT NULL,
    "organisation_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL CHECK ("kind" IN ('EXPORT', 'ERASURE')),
    "state" TEXT NOT NULL DEFAULT 'RUNNING' CHECK ("state" IN ('RUNNING', 'DONE', 'FAILED', 'EXPIRED')),
    "requested_by" TEXT NOT NULL,
    "tells_person" BOOLEAN NOT NULL,
    -- By which statements may name the person; forgotten when they are erased.
    "emails" TEXT[] NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    -- When the services were asked last, and how often since somebody did.
    "asked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "asks" INTEGER NOT NULL DEFAULT 1,
    "finished_at" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3),

    CONSTRAINT "privacy_job_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "privacy_job_organisation_id_fkey" FOREIGN KEY ("organisation_id")
        REFERENCES "organisation"("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- One open job of a kind a person: who asks again is answered the one that is there.
CREATE UNIQUE INDEX "privacy_job_open_key" ON "privacy_job"("organisation_id", "user_id", "kind")
    WHERE "state" IN ('RUNNING', 'FAILED');
CREATE INDEX "privacy_job_organisation_id_id_idx" ON "privacy_job"("organisation_id", "id");
CREATE INDEX "privacy_job_organisation_id_user_id_id_idx" ON "privacy_job"("organisation_id", "user_id", "id");
CREATE INDEX "privacy_job_running_idx" ON "privacy_job"("asked_at") WHERE "state" = 'RUNNING';
CREATE INDEX "privacy_job_expires_at_idx" ON "privacy_job"("expires_at") WHERE "state" <> 'EXPIRED';

CREATE TABLE "privacy_job_part" (
    "job_id" TEXT NOT NULL,
    "service" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'WAITING' CHECK ("state" IN ('WAITING', 'DONE', 'FAILED')),
    -- How many the service says it told; null until it does.
    "pieces" INTEGER,
    "report" JSONB NOT NULL DEFAULT '[]',
    "failure" TEXT,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "privacy_job_part_pkey" PRIMARY KEY ("job_id", "service"),
    CONSTRAINT "privacy_job_part_job_id_fkey" FOREIGN KEY ("job_id")
        REFERENCES "privacy_job"("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- The archive of an export, until it expires.
CREATE TABLE "privacy_job_piece" (
    "job_id" TEXT NOT NULL,
    "service" TEXT NOT NULL,
    "place" INTEGER NOT NULL,
    "file" TEXT NOT NULL,
    "content" TEXT NOT NULL,

    CONSTRAINT "privacy_job_piece_pkey" PRIMARY KEY ("job_id", "service", "place"),
    CONSTRAINT "privacy_job_piece_part_fkey" FOREIGN KEY ("job_id", "service")
        REFERENCES "privacy_job_part"("job_id", "service") ON DELETE CASCADE ON UPDATE CASCADE
);

-- How far identity's own answers are (packages/events, personal-data): a crash goes on where they were.
CREATE TABLE personal_data_work (
  job_id          text        PRIMARY KEY,
  event_id        text        NOT NULL,
  organisation_id text        NOT NULL,
  user_id         text        NOT NULL,
  kind            text        NOT NULL,
  state           text        NOT NULL DEFAULT 'RUNNING' CHECK (state IN ('RUNNING', 'DONE', 'FAILED')),
  table_name      text        NOT NULL DEFAULT '',
  after_key       text        NOT NULL DEFAULT '',
  place           integer     NOT NULL DEFAULT 0,
  report          jsonb       NOT NULL DEFAULT '[]',
  attempts        integer     NOT NULL DEFAULT 0,
  updated_at      timestamptz NOT NULL DEFAULT now()
);
