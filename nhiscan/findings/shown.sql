-- Rows of all rules that speak of a subject, where this scan looked.
CREATE OR REPLACE TEMP TABLE shown (
    rule VARCHAR, base INTEGER, tenant_id VARCHAR, account_id VARCHAR, identity_id VARCHAR,
    credential_id VARCHAR, instance_id VARCHAR,
    remediation_owner_id VARCHAR, subject VARCHAR, title VARCHAR, verdict VARCHAR, remediation VARCHAR,
    frameworks JSON, facts JSON, would_change VARCHAR, rests_on VARCHAR[], unread VARCHAR[]
)
