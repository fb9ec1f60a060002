-- What waits for ClickHouse is written once and hardly ever read: the compression that costs least, or none where this
-- PostgreSQL was built without it.
DO $$
BEGIN
    ALTER TABLE "statement_request" ALTER COLUMN "value" SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    ALTER TABLE "statement_request" ALTER COLUMN "value" SET STORAGE EXTERNAL;
END
$$;
