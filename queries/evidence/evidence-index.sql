-- title: What can be brought forth for each control: logs, tickets, changes, reviews, incidents; what lacks
-- why: R23: an auditor names a control and a period, and waits with a watch.
-- param: tenant text null only this client
-- param: criterion text null only controls that serve this criterion
-- param: from time null only what speaks of a time after this
-- param: to time null only what speaks of a time before this
-- unknown: Rows with is_missing are what each control should have and has not: a record of operation, a
--   review of access if identities operate it, a monthly review. Nothing was recorded, which is not
--   that nothing happened. Changes and incidents have no such row: there may have been none.
WITH judged AS (
    SELECT *
    FROM control_instances
    WHERE responsibility <> 'n/a'
        AND ($tenant IS NULL OR tenant_id = $tenant)
        AND ($criterion IS NULL OR list_contains(criteria, $criterion))
),
operated AS (
    SELECT l.instance_id, l.identity_id
    FROM control_links AS l
    JOIN judged AS i ON i.instance_id = l.instance_id
    WHERE l.state IN ('linked', 'confirmed')
),
records AS (
    SELECT r.evidence_id, r.tenant_id, r.identity_id
    FROM evidence_records AS r
    UNION
    SELECT r.evidence_id, r.tenant_id, n.identity_id
    FROM (
        SELECT
            evidence_id,
            tenant_id,
            unnest(CAST(record -> 'identities' AS VARCHAR[])) AS ref
        FROM evidence_records
        WHERE kind = 'incident' AND json_type(record, '$.identities') = 'ARRAY'
    ) AS r
    JOIN identity_names AS n ON n.tenant_id = r.tenant_id AND n.ref = r.ref
),
pieces AS (
    SELECT 'instance' AS basis, e.*
    FROM judged AS i
    JOIN evidence AS e ON e.instance_id = i.instance_id
    UNION ALL BY NAME
    SELECT DISTINCT o.instance_id, 'identity' AS basis, e.* EXCLUDE (instance_id)
    FROM operated AS o
    JOIN records AS r ON r.identity_id = o.identity_id
    JOIN evidence AS e ON e.evidence_id = r.evidence_id AND e.tenant_id = r.tenant_id
    JOIN judged AS i ON i.instance_id = o.instance_id AND i.tenant_id = e.tenant_id
    WHERE e.instance_id IS NULL
    UNION ALL BY NAME
    SELECT i.instance_id, 'client' AS basis, e.* EXCLUDE (instance_id)
    FROM judged AS i
    JOIN evidence AS e ON e.tenant_id = i.tenant_id
    WHERE e.instance_id IS NULL AND e.query IS NOT NULL
),
reviewed AS (
    SELECT
        o.instance_id,
        'identity' AS basis,
        'access_review' AS kind,
        a.campaign_id AS name,
        max(a.decided_at) AS collected_at,
        count(*) AS row_count
    FROM operated AS o
    JOIN access_reviews AS a ON a.identity_id = o.identity_id
    JOIN judged AS i ON i.instance_id = o.instance_id AND i.tenant_id = a.tenant_id
    WHERE a.decision IS NOT NULL
    GROUP BY o.instance_id, a.campaign_id
    UNION ALL BY NAME
    SELECT
        i.instance_id,
        'client' AS basis,
        'monthly_review' AS kind,
        r.month AS name,
        r.held_at AS collected_at,
        r.items AS row_count,
        r.inputs_sha256 AS sha256,
        CAST(r.month || '-01' AS TIMESTAMPTZ) AS period_start,
        CAST(r.month || '-01' AS TIMESTAMPTZ) + INTERVAL 1 MONTH AS period_end,
        r.chair_id AS custodian_id
    FROM judged AS i
    JOIN reviews AS r ON r.tenant_id = i.tenant_id
    WHERE r.is_newest
),
found AS (
    SELECT *, coalesce(path, uri) AS kept_at
    FROM (SELECT * FROM pieces UNION ALL BY NAME SELECT * FROM reviewed)
    -- without a period of its own, evidence speaks of when it was collected
    WHERE ($from IS NULL OR coalesce(period_end, collected_at) > $from)
        AND ($to IS NULL OR coalesce(period_start, collected_at) < $to)
),
missing AS (
    SELECT i.instance_id, 'operation' AS kind
    FROM judged AS i
    WHERE NOT EXISTS (
        FROM found AS f
        JOIN proofs AS p ON p.evidence_id = f.evidence_id AND p.instance_id = i.instance_id
        WHERE f.instance_id = i.instance_id AND f.basis = 'instance' AND p.is_operation
    )
    UNION ALL
    SELECT DISTINCT o.instance_id, 'access_review' AS kind
    FROM operated AS o
    WHERE NOT EXISTS (
        FROM found AS f
        WHERE f.instance_id = o.instance_id
            AND f.kind = 'access_review'
            AND f.basis IN ('instance', 'identity')
    )
    UNION ALL
    SELECT i.instance_id, 'monthly_review' AS kind
    FROM judged AS i
    WHERE NOT EXISTS (
        FROM found AS f WHERE f.instance_id = i.instance_id AND f.kind = 'monthly_review'
    )
),
listed AS (
    SELECT *, false AS is_missing FROM found
    UNION ALL BY NAME
    SELECT *, true AS is_missing FROM missing
)
SELECT
    i.tenant_id,
    i.instance_id,
    i.criteria,
    l.kind,
    l.basis,
    l.evidence_id,
    l.collected_at,
    l.period_start,
    l.period_end,
    l.custodian_id,
    l.name,
    l.kept_at,
    l.sha256,
    l.row_count,
    len(l.incomplete) > 0 AS is_incomplete,
    l.is_missing
FROM listed AS l
JOIN judged AS i ON i.instance_id = l.instance_id
ORDER BY i.tenant_id, i.instance_id, l.is_missing, l.collected_at, l.kind, l.evidence_id, l.name
