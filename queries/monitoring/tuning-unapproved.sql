-- title: Alert rules that were changed without approval
-- why: R16: whoever may quieten an alert alone may hide what it would have shown.
-- rule: MON-03
-- severity: medium
-- frameworks: soc2: CC7.2, CC7.3, CC7.4, CC7.5; csf: DE.CM-03, DE.AE-02, RS.MA-01; owasp_nhi:
--   NHI2:2025~; nist_800_53: AU-6, IR-4, IR-5; iso_27001: 8.16, 5.24, 5.25, 5.26, 5.27; cis: 8.11, 17
-- unknown: An approval without a time may have come afterwards; and no change of an alert rule of a
--   client with a monitoring control was ever imported.
-- remediation: Have somebody else approve the change now, or take it back; ask for approval before
--   the next.
WITH changes AS (
    SELECT
        r.tenant_id,
        r.instance_id,
        r.evidence_id,
        r.record ->> 'rule' AS alert_rule,
        r.record ->> 'changed_by' AS changed_by,
        r.record ->> 'approved_by' AS approved_by,
        r.record ->> 'reason' AS reason,
        CAST(r.record ->> 'changed_at' AS TIMESTAMPTZ) AS changed_at,
        CAST(r.record ->> 'approved_at' AS TIMESTAMPTZ) AS approved_at,
        coalesce(c.party_id, lower(trim(changed_by))) AS changer,
        coalesce(a.party_id, lower(trim(approved_by))) AS approver,
        -- of the client, the MSP or a supplier it may be; another client has no say here
        coalesce(s.client_group <> w.client_group, false) AS is_stranger
    FROM evidence_records AS r
    LEFT JOIN party_names AS c ON c.ref = lower(trim(r.record ->> 'changed_by'))
    LEFT JOIN party_names AS a ON a.ref = lower(trim(r.record ->> 'approved_by'))
    LEFT JOIN tenants AS s ON a.org = 'client:' || s.tenant_id
    LEFT JOIN tenants AS w ON w.tenant_id = r.tenant_id
    WHERE r.kind = 'alert_rule_change'
    -- a change recorded again replaces what was said of it before
    QUALIFY row_number() OVER (
        PARTITION BY r.tenant_id, alert_rule, changed_at ORDER BY r.recorded_at DESC, r.evidence_id
    ) = 1
),
judged AS (
    SELECT
        *,
        CASE
            WHEN approved_by IS NULL THEN 'without approval'
            WHEN approver = changer THEN 'and approved by the same person'
            WHEN is_stranger THEN 'and approved by somebody of another client'
            WHEN approved_at > changed_at THEN 'and approved only afterwards'
            WHEN approved_at IS NULL THEN 'and approved, nobody can tell when'
        END AS problem
    FROM changes
),
monitors AS (
    SELECT tenant_id, min(instance_id) AS instance_id
    FROM control_instances
    WHERE list_has_any(criteria, ['CC7.2', 'CC7.3']) OR domain = 'monitoring'
    GROUP BY tenant_id
)
SELECT
    if(j.approved_by IS NOT NULL AND j.approved_at IS NULL AND NOT j.is_stranger
        AND j.approver <> j.changer,
        'unknown', 'open') AS verdict,
    j.tenant_id,
    CAST(NULL AS VARCHAR) AS account_id,
    coalesce(j.instance_id, m.instance_id) AS instance_id,
    j.alert_rule || ' ' || strftime(j.changed_at AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ')
        AS subject,
    'alert rule ' || j.alert_rule || ' was changed ' || j.problem AS title,
    j.alert_rule,
    j.changed_by,
    j.changed_at,
    j.approved_by,
    j.approved_at,
    j.reason,
    j.evidence_id,
    'a record that somebody else approved it before' AS would_change,
    CAST([] AS VARCHAR[]) AS rests_on,
    if(j.approved_by IS NOT NULL AND j.approved_at IS NULL AND NOT j.is_stranger
        AND j.approver <> j.changer,
        ['when it was approved: not told'], CAST([] AS VARCHAR[])) AS unread
FROM judged AS j
LEFT JOIN monitors AS m ON m.tenant_id = j.tenant_id
WHERE j.problem IS NOT NULL
UNION ALL BY NAME
SELECT
    'unknown' AS verdict,
    m.tenant_id,
    'no change of an alert rule of ' || m.tenant_id || ' was ever imported' AS title,
    ['changes of alert rules: not imported'] AS unread
FROM monitors AS m
WHERE m.tenant_id NOT IN (SELECT c.tenant_id FROM changes AS c)
ORDER BY tenant_id, subject
