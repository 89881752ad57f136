-- The control matrix as files say it, what is linked to it, and what people recorded by command.

-- How a grant lets one become another identity; null means assume.
ALTER TABLE grant_version ADD COLUMN way VARCHAR;
ALTER TABLE grant_version ADD COLUMN services VARCHAR[];

-- Of what clients share, the identities that all clients concerned have signed for.
ALTER TABLE shared_version ADD COLUMN signed_ids VARCHAR[];

-- When a grant to a principal that is no identity was made.
ALTER TABLE grant_version ADD COLUMN created_at TIMESTAMPTZ;

-- What was not read and could let an identity into further tenants than is known.
ALTER TABLE resolution_version ADD COLUMN reach_unread VARCHAR[];

-- The contract with a vendor, as the MSP's own list names it.
ALTER TABLE party_version ADD COLUMN agreement VARCHAR;

-- Derived from the matrix, anew whenever it is read. `file` and `line` say where a row stands.
CREATE TABLE control_version (
    control_id VARCHAR, framework VARCHAR, title VARCHAR, domain VARCHAR,
    valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ
);

-- Which ids of frameworks a rule's findings speak of; comes with nhiscan.
CREATE TABLE crosswalk_version (
    rule VARCHAR, framework VARCHAR, control_id VARCHAR, strength VARCHAR, kind VARCHAR,
    valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ
);

CREATE TABLE evidence_sla_version (
    domain VARCHAR, max_age INTERVAL, produce_within INTERVAL, retrieve_within INTERVAL,
    retain_for INTERVAL, file VARCHAR, line BIGINT,
    valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ
);

-- `*_ref` is the party as the file writes it, `*_id` the party of the roster that it names, or null.
CREATE TABLE control_instance_version (
    instance_id VARCHAR, tenant_id VARCHAR, criteria VARCHAR[], also JSON, statement VARCHAR,
    service_model VARCHAR, responsibility VARCHAR, accountable_refs VARCHAR[],
    accountable_id VARCHAR, backup_ref VARCHAR, backup_id VARCHAR, approver_ref VARCHAR,
    approver_id VARCHAR, frequency VARCHAR, domain VARCHAR, operated_by_human BOOLEAN,
    agreement_doc VARCHAR, agreement_clause VARCHAR, agreement_sha256 VARCHAR,
    text_sha256 VARCHAR, period_start DATE, period_end DATE, cuec VARCHAR[], csoc VARCHAR[],
    notes VARCHAR, file VARCHAR, line BIGINT, lines JSON,
    valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ
);

CREATE TABLE duty_version (
    instance_id VARCHAR, tenant_id VARCHAR, duty VARCHAR, orgs VARCHAR[], line BIGINT,
    valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ
);

-- Half-open intervals [period_start, period_end), in days of UTC; `position` is that in the file.
CREATE TABLE custody_version (
    instance_id VARCHAR, tenant_id VARCHAR, position BIGINT, custodian_org VARCHAR,
    custodian_ref VARCHAR, custodian_id VARCHAR, period_start DATE, period_end DATE,
    oversight_ref VARCHAR, oversight_id VARCHAR, handoff_ack DATE, line BIGINT,
    valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ
);

CREATE TABLE signoff_version (
    instance_id VARCHAR, tenant_id VARCHAR, signer_ref VARCHAR, signer_id VARCHAR, signed_at DATE,
    expires_at DATE, covers_sha256 VARCHAR, artefact VARCHAR, line BIGINT,
    valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ
);

-- What the matrix says operates an instance: a native id, or a selector such as tag:key=value.
CREATE TABLE operator_version (
    instance_id VARCHAR, tenant_id VARCHAR, position BIGINT, native_id VARCHAR, selector VARCHAR,
    basis VARCHAR, line BIGINT,
    valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ
);

CREATE TABLE control_link_version (
    instance_id VARCHAR, identity_id VARCHAR, tenant_id VARCHAR, identity_tenant_id VARCHAR,
    basis VARCHAR[], confidence DOUBLE, grade VARCHAR, state VARCHAR, reasons JSON,
    unread VARCHAR[],
    valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ
);

-- Recorded by command, never changed and never deleted; who recorded is the `_by`.
CREATE TABLE attestation (
    attestation_id VARCHAR, identity_id VARCHAR, tenant_id VARCHAR, party_id VARCHAR,
    is_owner BOOLEAN, attested_by VARCHAR, attested_at TIMESTAMPTZ, expires_at TIMESTAMPTZ,
    note VARCHAR, recorded_at TIMESTAMPTZ
);

-- The register of owners that was imported: the newest row of a key holds.
CREATE TABLE imported_claim (
    claim_id VARCHAR, identity_id VARCHAR, tenant_id VARCHAR, party_id VARCHAR, reference VARCHAR,
    signal VARCHAR, role VARCHAR, observed_at TIMESTAMPTZ, evidence VARCHAR, origin VARCHAR,
    imported_by VARCHAR, imported_at TIMESTAMPTZ
);

CREATE TABLE link_decision (
    instance_id VARCHAR, identity_id VARCHAR, tenant_id VARCHAR, decision VARCHAR,
    decided_by VARCHAR, decided_at TIMESTAMPTZ, reason VARCHAR, recorded_at TIMESTAMPTZ
);
