-- Who is in which group, as identity tells (group.members-changed): for what is granted for a group. Who went out stays
-- as a row that says so, for an older event that comes late changes nothing.
CREATE TABLE "group_member" (
    "organisation_id" TEXT NOT NULL,
    "group_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "member" BOOLEAN NOT NULL,
    "revision" INTEGER NOT NULL,

    CONSTRAINT "group_member_pkey" PRIMARY KEY ("organisation_id", "group_id", "user_id")
);

CREATE INDEX "group_member_organisation_id_user_id_idx" ON "group_member"("organisation_id", "user_id");
