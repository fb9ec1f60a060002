-- Grants are looked up by what they are for too: who observes a person, and what ends with a group.
CREATE INDEX "role_grant_organisation_id_object_id_idx" ON "role_grant"("organisation_id", "object_id");

-- Counts the changes of who is in a group, so that who hears of them can tell the newer.
ALTER TABLE "group" ADD COLUMN "members_revision" INTEGER NOT NULL DEFAULT 0;

UPDATE "group" g SET "members_revision" = 1
WHERE EXISTS (SELECT 1 FROM "group_member" m WHERE m."organisation_id" = g."organisation_id" AND m."group_id" = g."id");

-- The log keeps records for days: services that begin to keep the people of groups now (docs/decisions/0019) would never
-- hear of those who came in before. They are told once more, 500 in an event (group.members-changed.v1).
WITH "numbered" AS (
    SELECT m.*, (row_number() OVER (PARTITION BY m."group_id" ORDER BY m."user_id") - 1) / 500 AS "part"
    FROM "group_member" m
), "told" AS MATERIALIZED (
    SELECT "organisation_id", "group_id", jsonb_agg("user_id" ORDER BY "user_id") AS "added", 'evt_0' || left(replace(gen_random_uuid()::text, '-', ''), 25) AS "id"
    FROM "numbered" GROUP BY "organisation_id", "group_id", "part"
)
INSERT INTO "outbox" ("topic", "key", "value", "headers")
SELECT 'identity.events', "group_id",
    jsonb_build_object(
        'specversion', '1.0',
        'id', "id",
        'source', 'lyceum/identity',
        'type', 'group.members-changed',
        'subject', "group_id",
        'time', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'dataversion', 1,
        'organisation', "organisation_id",
        'data', jsonb_build_object(
            'groupId', "group_id", 'organisationId', "organisation_id", 'added', "added", 'removed', '[]'::jsonb,
            'revision', 1
        )
    )::text,
    jsonb_build_object('content-type', 'application/cloudevents+json', 'id', "id", 'type', 'group.members-changed')
FROM "told";
