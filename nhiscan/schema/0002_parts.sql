-- Identities that are objects of one whole; grantees that are no identity; leavers that the platform
-- itself knows of.

ALTER TABLE identity_version ADD COLUMN part_of VARCHAR;
ALTER TABLE grant_version ADD COLUMN principal VARCHAR;
ALTER TABLE claim_version ADD COLUMN departed BOOLEAN;
