-- Base tables. Rows of *_version tables are never deleted: valid_from is the scan that first showed
-- a version, valid_to the scan that no longer did. `unit` names the tenant, provider and account (or
-- plan) that wrote a row; only that unit's own complete reads can close it. All times are UTC.

CREATE TABLE scan (
    scan_id VARCHAR, started_at TIMESTAMPTZ, finished_at TIMESTAMPTZ, state VARCHAR, kind VARCHAR,
    tool_version VARCHAR, tenants VARCHAR[], units BIGINT, incomplete BIGINT
);

-- The newest spool merged per unit, so that an older one arriving late is not taken for news.
CREATE TABLE unit_read (
    unit VARCHAR, tenant_id VARCHAR, provider VARCHAR, account_id VARCHAR, part VARCHAR,
    scan_id VARCHAR, started_at TIMESTAMPTZ, merged_at TIMESTAMPTZ
);

-- Which conclusions rest on which source, as the installed adapters declare it. Never taken from
-- spool files: what one client hands in must not weaken what is said of another.
CREATE TABLE premise (
    provider VARCHAR, topic VARCHAR, native_type VARCHAR, source VARCHAR, what VARCHAR
);

CREATE TABLE coverage_read (
    scan_id VARCHAR, unit VARCHAR, tenant_id VARCHAR, provider VARCHAR, account_id VARCHAR,
    region VARCHAR, source VARCHAR, state VARCHAR, reason VARCHAR, calls BIGINT, "rows" BIGINT,
    optional BOOLEAN, read_at TIMESTAMPTZ, recorded_at TIMESTAMPTZ
);

CREATE TABLE account_version (
    account_id VARCHAR, tenant_id VARCHAR, provider VARCHAR, native_id VARCHAR, name VARCHAR,
    environment VARCHAR, state VARCHAR, organization VARCHAR, path VARCHAR, tags JSON,
    reason VARCHAR, unit VARCHAR, source VARCHAR, region VARCHAR,
    digest UBIGINT, first_seen TIMESTAMPTZ, valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ
);

CREATE TABLE identity_version (
    identity_id VARCHAR, tenant_id VARCHAR, provider VARCHAR, account_id VARCHAR, key VARCHAR,
    kind VARCHAR, native_type VARCHAR, native_id VARCHAR, immutable_id VARCHAR, name VARCHAR,
    home_account VARCHAR, class VARCHAR, class_rule VARCHAR, class_evidence VARCHAR,
    enabled BOOLEAN, created_at TIMESTAMPTZ, privilege VARCHAR, tags JSON, attributes JSON,
    unit VARCHAR, source VARCHAR, region VARCHAR,
    digest UBIGINT, first_seen TIMESTAMPTZ, valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ
);

CREATE TABLE credential_version (
    credential_id VARCHAR, identity_id VARCHAR, tenant_id VARCHAR, provider VARCHAR,
    account_id VARCHAR, key VARCHAR, kind VARCHAR, public_id VARCHAR, fingerprint VARCHAR,
    status VARCHAR, created_at TIMESTAMPTZ, expires_at TIMESTAMPTZ, attributes JSON,
    unit VARCHAR, source VARCHAR, region VARCHAR,
    digest UBIGINT, first_seen TIMESTAMPTZ, valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ
);

CREATE TABLE grant_version (
    grant_id VARCHAR, identity_id VARCHAR, tenant_id VARCHAR, provider VARCHAR, account_id VARCHAR,
    scope VARCHAR, scope_account VARCHAR, role VARCHAR, action_class VARCHAR, verdict VARCHAR,
    via VARCHAR, actions VARCHAR[], acts_as VARCHAR,
    unit VARCHAR, source VARCHAR, region VARCHAR,
    digest UBIGINT, first_seen TIMESTAMPTZ, valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ
);

CREATE TABLE trust_version (
    trust_id VARCHAR, identity_id VARCHAR, tenant_id VARCHAR, provider VARCHAR, account_id VARCHAR,
    principal VARCHAR, principal_kind VARCHAR, principal_account VARCHAR,
    principal_organization VARCHAR, principal_native_id VARCHAR, relation VARCHAR, guard VARCHAR,
    guard_fingerprint VARCHAR, verdict VARCHAR, reason VARCHAR, statement BIGINT,
    unit VARCHAR, source VARCHAR, region VARCHAR,
    digest UBIGINT, first_seen TIMESTAMPTZ, valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ
);

CREATE TABLE claim_version (
    claim_id VARCHAR, subject VARCHAR, subject_id VARCHAR, tenant_id VARCHAR, provider VARCHAR,
    account_id VARCHAR, reference VARCHAR, signal VARCHAR, role VARCHAR, observed_at TIMESTAMPTZ,
    by_machine BOOLEAN, evidence VARCHAR,
    unit VARCHAR, source VARCHAR, region VARCHAR,
    digest UBIGINT, first_seen TIMESTAMPTZ, valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ
);

-- Last use is volatile: one row per identity or credential, changed in place, out of all history.
CREATE TABLE usage_last (
    subject_id VARCHAR, subject VARCHAR, tenant_id VARCHAR, unit VARCHAR, usage VARCHAR,
    last_used_at TIMESTAMPTZ, service VARCHAR, used_region VARCHAR, window_days BIGINT,
    note VARCHAR, source VARCHAR, region VARCHAR
);

-- Derived: what the resolver and the findings concluded. Same history, no units.
CREATE TABLE tenant_version (
    tenant_id VARCHAR, name VARCHAR, kind VARCHAR, client_group VARCHAR,
    valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ
);

CREATE TABLE party_version (
    party_id VARCHAR, name VARCHAR, kind VARCHAR, org VARCHAR, employment VARCHAR, email VARCHAR,
    aliases VARCHAR[], since DATE, manager VARCHAR,
    valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ
);

CREATE TABLE trust_relation_version (
    trust_id VARCHAR, tenant_id VARCHAR, principal_tenant_id VARCHAR, principal_account_id VARCHAR,
    principal_identity_id VARCHAR, relation VARCHAR, vendor VARCHAR,
    valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ
);

CREATE TABLE ownership_claim_version (
    claim_key VARCHAR, identity_id VARCHAR, tenant_id VARCHAR, party_id VARCHAR, role VARCHAR,
    signal VARCHAR, weight DOUBLE, observed_at TIMESTAMPTZ, evidence VARCHAR, reference VARCHAR,
    outcome VARCHAR,
    valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ
);

CREATE TABLE resolution_version (
    identity_id VARCHAR, tenant_id VARCHAR, home_tenant_id VARCHAR, created_by VARCHAR,
    owner_id VARCHAR, owner_status VARCHAR, owner_confidence DOUBLE, backup_id VARCHAR,
    last_known_owner_id VARCHAR, reach_tenants BIGINT, explanation JSON, owner_unread VARCHAR[],
    valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ
);

CREATE TABLE reach_version (
    identity_id VARCHAR, tenant_id VARCHAR, target_tenant_id VARCHAR, via VARCHAR, hops BIGINT,
    valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ
);

CREATE TABLE shared_version (
    level VARCHAR, key VARCHAR, identity_ids VARCHAR[], tenant_ids VARCHAR[], sanctioned BOOLEAN,
    title VARCHAR, relation VARCHAR,
    valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ
);

CREATE TABLE finding_version (
    finding_id VARCHAR, rule VARCHAR, severity VARCHAR, tenant_id VARCHAR, identity_id VARCHAR,
    credential_id VARCHAR, account_id VARCHAR, instance_id VARCHAR, title VARCHAR,
    owner_id VARCHAR, backup_id VARCHAR, first_seen TIMESTAMPTZ, last_seen TIMESTAMPTZ,
    due_at TIMESTAMPTZ, status VARCHAR, remediation VARCHAR, frameworks JSON, evidence JSON,
    unread VARCHAR[],
    valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ
);
