-- Grants are looked up by what they are for too: who observes a person, and what ends with a group.
CREATE INDEX "role_grant_organisation_id_object_id_idx" ON "role_grant"("organisation_id", "object_id");
