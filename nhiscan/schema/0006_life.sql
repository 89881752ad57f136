-- When the present spell of a finding began (the first, or the last time it came back), and when the
-- last one ended.
ALTER TABLE finding_version ADD COLUMN opened_at TIMESTAMPTZ;
ALTER TABLE finding_version ADD COLUMN resolved_at TIMESTAMPTZ;
UPDATE finding_version SET opened_at = first_seen;
UPDATE finding_version SET resolved_at = valid_from WHERE status = 'resolved';

-- What ticket systems say of findings, as imported; the newest row of a finding and ticket holds.
CREATE TABLE ticket (
    finding_id VARCHAR, tenant_id VARCHAR, ticket_ref VARCHAR, status VARCHAR,
    closed_at TIMESTAMPTZ, recorded_by VARCHAR, recorded_at TIMESTAMPTZ
);

-- What people answered in their gap lists. Rows are only ever added; the newest holds.
CREATE TABLE finding_decision (
    decision_id VARCHAR, finding_id VARCHAR, tenant_id VARCHAR, decision VARCHAR,
    decided_by VARCHAR, decided_at TIMESTAMPTZ, reassign_to VARCHAR, defer_until DATE,
    comment VARCHAR, recorded_by VARCHAR, recorded_at TIMESTAMPTZ
);
