-- Organisations that the platform closed, and opened again: while one is closed its keys open nothing. By itself, and not
-- in each key: a key and its organisation are told of by different events, in whatever order they come.
CREATE TABLE "organisation" (
    "id" TEXT NOT NULL,
    "suspended" BOOLEAN NOT NULL,
    "revision" INTEGER NOT NULL,

    CONSTRAINT "organisation_pkey" PRIMARY KEY ("id")
);
