-- title: The chain of monitoring, link by link: collector, rule, alert, triage, escalation
-- why: R16: each link that is broken or that nothing tells of is where an alarm is lost.
-- param: tenant text null only this client
-- unknown: `unknown` links are those of which no record was ever imported, or whose use nothing tells.
WITH monitors AS (
    SELECT i.tenant_id, i.instance_id, i.domain
    FROM control_instances AS i
    WHERE (list_contains(i.criteria, 'CC7.2') OR i.domain = 'monitoring')
        AND ($tenant IS NULL OR i.tenant_id = $tenant)
),
records AS (
    SELECT r.tenant_id, r.kind, r.record, r.evidence_id
    FROM evidence_records AS r
    WHERE r.kind IN ('triage_record', 'alert_rule_change', 'escalation')
),
events AS (
    SELECT u.identity_id, max(u.occurred_at) AS used_at
    FROM usage_events AS u
    GROUP BY u.identity_id
),
links AS (
    SELECT
        m.tenant_id,
        1 AS step,
        'collector' AS what,
        coalesce(i.name, 'no identity is linked') AS subject,
        greatest(i.last_used_at, e.used_at) AS happened_at,
        CASE
            WHEN i.identity_id IS NULL THEN 'broken'
            WHEN i.enabled IS NOT DISTINCT FROM false THEN 'broken'
            WHEN greatest(i.last_used_at, e.used_at) >= $now
                - coalesce(s.max_age, to_days(CAST($collector_silent_days AS INTEGER))) THEN 'whole'
            WHEN i.usage IN ('known', 'never') THEN 'broken'
            ELSE 'unknown'
        END AS state,
        m.instance_id AS detail
    FROM monitors AS m
    LEFT JOIN evidence_slas AS s ON s.domain = m.domain
    LEFT JOIN control_links AS l
        ON l.instance_id = m.instance_id AND l.state IN ('linked', 'confirmed')
    LEFT JOIN identities AS i ON i.identity_id = l.identity_id
    LEFT JOIN events AS e ON e.identity_id = l.identity_id
    UNION ALL
    SELECT
        r.tenant_id,
        2,
        'rule',
        r.record ->> 'rule',
        CAST(r.record ->> 'changed_at' AS TIMESTAMPTZ),
        CASE
            WHEN (r.record ->> 'approved_by') IS NULL
                OR r.record ->> 'approved_by' = r.record ->> 'changed_by'
                OR CAST(r.record ->> 'approved_at' AS TIMESTAMPTZ)
                > CAST(r.record ->> 'changed_at' AS TIMESTAMPTZ) THEN 'broken'
            WHEN (r.record ->> 'approved_at') IS NULL THEN 'unknown'
            ELSE 'whole'
        END,
        'changed by ' || (r.record ->> 'changed_by')
            || coalesce(', approved by ' || (r.record ->> 'approved_by'), '')
    FROM records AS r
    WHERE r.kind = 'alert_rule_change'
    UNION ALL
    SELECT
        r.tenant_id,
        3,
        'alert',
        r.record ->> 'alert_id',
        CAST(r.record ->> 'raised_at' AS TIMESTAMPTZ),
        'whole',
        NULL
    FROM records AS r
    WHERE r.kind = 'triage_record'
    UNION ALL
    SELECT
        r.tenant_id,
        4,
        'triage',
        r.record ->> 'alert_id',
        CAST(r.record ->> 'triaged_at' AS TIMESTAMPTZ),
        CASE
            WHEN (r.record ->> 'triaged_at') IS NOT NULL THEN 'whole'
            WHEN CAST(r.record ->> 'raised_at' AS TIMESTAMPTZ)
                < $now - to_hours(CAST($triage_hours AS INTEGER)) THEN 'broken'
            ELSE 'due'
        END,
        concat_ws(', ', r.record ->> 'triaged_by', r.record ->> 'outcome', r.record ->> 'ticket')
    FROM records AS r
    WHERE r.kind = 'triage_record'
    UNION ALL
    SELECT
        r.tenant_id,
        5,
        'escalation',
        coalesce(r.record ->> 'alert_id', r.record ->> 'incident_id'),
        CAST(r.record ->> 'escalated_at' AS TIMESTAMPTZ),
        if((r.record ->> 'acknowledged_at') IS NULL, 'unknown', 'whole'),
        'to ' || (r.record ->> 'escalated_to')
    FROM records AS r
    WHERE r.kind = 'escalation'
    UNION ALL
    SELECT DISTINCT m.tenant_id, k.step, k.what, 'none was ever imported', NULL, 'unknown', NULL
    FROM monitors AS m
    CROSS JOIN (
        VALUES (2, 'rule', 'alert_rule_change'), (3, 'alert', 'triage_record'),
            (4, 'triage', 'triage_record'), (5, 'escalation', 'escalation')
    ) AS k (step, what, kind)
    WHERE NOT EXISTS (FROM records AS r WHERE r.tenant_id = m.tenant_id AND r.kind = k.kind)
)
SELECT tenant_id, step, what, subject, state, happened_at, detail
FROM links
WHERE tenant_id IN (SELECT m.tenant_id FROM monitors AS m)
ORDER BY tenant_id, step, subject, happened_at, detail
