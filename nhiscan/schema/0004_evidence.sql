-- The accountability ledger. Rows are only ever added. `sha256` is over the canonical JSON of the
-- other columns, `prev_sha256` the one before it in the same tenant: a chain per tenant, so that one
-- client's pack verifies alone. `body` is canonical JSON; its form depends on `kind`.
CREATE TABLE ledger_entry (
    tenant_id VARCHAR, seq BIGINT, entry_id VARCHAR, kind VARCHAR, body VARCHAR,
    recorded_at TIMESTAMPTZ, prev_sha256 VARCHAR, sha256 VARCHAR
);

-- Events of use, one per line of a piece of evidence of kind `usage`, as written there.
CREATE TABLE usage_event (
    evidence_id VARCHAR, tenant_id VARCHAR, line BIGINT, identity_ref VARCHAR,
    occurred_at TIMESTAMPTZ, target_ref VARCHAR, action VARCHAR, correlation VARCHAR,
    actor VARCHAR, log_source_ref VARCHAR
);

-- Derived: the identity that a tenant's records and events name, where one alone is so called.
CREATE TABLE identity_name_version (
    tenant_id VARCHAR, ref VARCHAR, identity_id VARCHAR,
    valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ
);

-- Derived from exceptions.yaml, anew whenever it is read. `accepted_id` is the party of the roster
-- that `accepted_ref` names, `identity_id` the identity that `identity_ref` names; null if none.
CREATE TABLE exception_version (
    exception_id VARCHAR, tenant_id VARCHAR, rule VARCHAR, identity_ref VARCHAR,
    identity_id VARCHAR, instance_id VARCHAR, reason VARCHAR, requested_ref VARCHAR,
    requested_id VARCHAR, accepted_ref VARCHAR, accepted_id VARCHAR, accepted_org VARCHAR,
    is_entitled BOOLEAN, granted_at DATE, expires_at DATE, compensating_control VARCHAR,
    file VARCHAR, line BIGINT,
    valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ
);
