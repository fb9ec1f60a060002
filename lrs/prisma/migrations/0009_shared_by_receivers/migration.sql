-- What all processes of the LRS share. Secrets, made by the first that needs one:
CREATE TABLE "shared_secret" (
    "name" TEXT NOT NULL,
    "value" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "shared_secret_pkey" PRIMARY KEY ("name")
);

-- And receivers: from when on each may have statements on their way into the log. Null: it has none, and says so before
-- it has.
CREATE TABLE "receiver" (
    "id" TEXT NOT NULL,
    "low" TIMESTAMPTZ(3),
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "receiver_pkey" PRIMARY KEY ("id")
);
