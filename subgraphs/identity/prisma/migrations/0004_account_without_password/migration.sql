-- Both are the memberships' since 0003; the index on the name goes with it. From here on an instance of the version
-- before can log nobody in: where several run, they are replaced together.
ALTER TABLE "user" DROP COLUMN "name", DROP COLUMN "password_hash";
