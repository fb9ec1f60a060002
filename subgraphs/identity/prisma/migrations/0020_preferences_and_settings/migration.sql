-- What people and organisations set (docs/decisions/0019). One JSON document each, with what differs from the defaults:
-- the catalogue in code says which names there are, and what each may be; a new one needs no migration, and what another
-- version of the service wrote is left alone.
CREATE TABLE "preference" (
    "organisation_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "chosen" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "preference_pkey" PRIMARY KEY ("organisation_id", "user_id"),
    CONSTRAINT "preference_membership_fkey" FOREIGN KEY ("organisation_id", "user_id")
        REFERENCES "membership"("organisation_id", "user_id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "organisation_settings" (
    "organisation_id" TEXT NOT NULL,
    "settings" JSONB NOT NULL DEFAULT '{}',
    "preference_defaults" JSONB NOT NULL DEFAULT '{}',
    "preference_locks" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "organisation_settings_pkey" PRIMARY KEY ("organisation_id"),
    CONSTRAINT "organisation_settings_organisation_id_fkey" FOREIGN KEY ("organisation_id")
        REFERENCES "organisation"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
