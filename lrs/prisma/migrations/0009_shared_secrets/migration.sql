-- Secrets that all processes of the LRS share: made by the first that needs one.
CREATE TABLE "shared_secret" (
    "name" TEXT NOT NULL,
    "value" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "shared_secret_pkey" PRIMARY KEY ("name")
);
