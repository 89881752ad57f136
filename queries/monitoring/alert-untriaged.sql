-- title: Alerts that nobody looked at in time
-- why: R16: a monitor whose alerts nobody triages detects nothing.
-- rule: MON-02
-- severity: medium
-- frameworks: soc2: CC7.2, CC7.3, CC7.4, CC7.5; csf: DE.CM-03, DE.AE-02, RS.MA-01; owasp_nhi:
--   NHI2:2025~; nist_800_53: AU-6, IR-4, IR-5; iso_27001: 8.16, 5.24, 5.25, 5.26, 5.27; cis: 8.11, 17
-- unknown: No triage record of a client with a monitoring control was ever imported; which alerts
--   there were is then not known.
-- remediation: Triage it now, and record it (`nhiscan evidence add FILE --kind triage_record`).
WITH alerts AS (
    SELECT
        r.tenant_id,
        r.record ->> 'alert_id' AS alert_id,
        any_value(r.instance_id) AS instance_id,
        any_value(r.identity_id) AS identity_id,
        min(CAST(r.record ->> 'raised_at' AS TIMESTAMPTZ)) AS raised_at,
        -- nobody looked at an alert before it was raised
        min(CAST(r.record ->> 'triaged_at' AS TIMESTAMPTZ)) FILTER (
            CAST(r.record ->> 'triaged_at' AS TIMESTAMPTZ)
            >= CAST(r.record ->> 'raised_at' AS TIMESTAMPTZ)
        ) AS triaged_at,
        max_by(r.evidence_id, r.recorded_at) AS evidence_id
    FROM evidence_records AS r
    WHERE r.kind = 'triage_record'
    GROUP BY r.tenant_id, r.record ->> 'alert_id'
),
monitors AS (
    SELECT tenant_id, min(instance_id) AS instance_id
    FROM control_instances
    WHERE list_has_any(criteria, ['CC7.2', 'CC7.3']) OR domain = 'monitoring'
    GROUP BY tenant_id
)
SELECT
    'open' AS verdict,
    a.tenant_id,
    CAST(NULL AS VARCHAR) AS account_id,
    coalesce(a.instance_id, m.instance_id) AS instance_id,
    a.identity_id,
    a.alert_id AS subject,
    'nobody triaged alert ' || a.alert_id AS title,
    a.alert_id,
    a.raised_at,
    a.evidence_id,
    'a record that tells who triaged it, and when' AS would_change,
    CAST([] AS VARCHAR[]) AS rests_on,
    CAST([] AS VARCHAR[]) AS unread
FROM alerts AS a
LEFT JOIN monitors AS m ON m.tenant_id = a.tenant_id
WHERE a.triaged_at IS NULL AND a.raised_at < $now - to_hours(CAST($triage_hours AS INTEGER))
UNION ALL BY NAME
SELECT
    'unknown' AS verdict,
    m.tenant_id,
    'no triage record of ' || m.tenant_id || ' was ever imported' AS title,
    ['triage records: not imported'] AS unread
FROM monitors AS m
WHERE m.tenant_id NOT IN (SELECT a.tenant_id FROM alerts AS a)
ORDER BY tenant_id, subject
