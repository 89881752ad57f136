-- title: Evidence against its SLA: due, produced, late, by control, owner and client
-- why: R07: who is behind with which proof, and by how much, before the auditor asks.
-- param: tenant text null only this client
-- unknown: An instance without a domain SLA and without a frequency has no limit; its state says so.
WITH accepted AS (
    SELECT *
    FROM evidence
    WHERE instance_id IS NOT NULL
        AND len(incomplete) = 0
        AND kind NOT IN (
            'configuration', 'configuration_snapshot', 'policy', 'screenshot', 'retrieval_drill'
        )
),
told AS (
    SELECT
        i.tenant_id,
        i.instance_id,
        i.domain,
        i.frequency,
        i.accountable_id AS owner,
        count(e.evidence_id) AS items,
        max(e.collected_at) AS produced_at,
        count(*) FILTER (e.collected_at > e.period_end + s.produce_within) AS late_items,
        quantile_cont(epoch(e.collected_at - e.period_end) / 86400, 0.5) AS p50_days,
        quantile_cont(epoch(e.collected_at - e.period_end) / 86400, 0.95) AS p95_days,
        any_value(s.max_age) AS max_age,
        any_value(s.produce_within) AS produce_within,
        any_value(i.period_start) AS period_start,
        any_value(i.period_end) AS period_end
    FROM control_instances AS i
    LEFT JOIN accepted AS e ON e.instance_id = i.instance_id
    LEFT JOIN evidence_slas AS s ON s.domain = i.domain
    WHERE $tenant IS NULL OR i.tenant_id = $tenant
    GROUP BY i.tenant_id, i.instance_id, i.domain, i.frequency, i.accountable_id
)
SELECT
    tenant_id,
    instance_id,
    domain,
    owner,
    CASE
        WHEN max_age IS NULL AND frequency IS NULL THEN 'no limit'
        WHEN max_age IS NULL THEN 'no SLA for its domain'
        WHEN coalesce(produced_at, CAST(period_start AS TIMESTAMPTZ)) + max_age
            <= least($now, CAST(period_end AS TIMESTAMPTZ)) THEN 'overdue'
        ELSE 'in time'
    END AS state,
    coalesce(produced_at, CAST(period_start AS TIMESTAMPTZ)) + max_age AS due_at,
    produced_at,
    greatest(0, round(epoch($now - due_at) / 86400, 1)) AS days_overdue,
    frequency,
    items,
    late_items,
    round(p50_days, 1) AS p50_days,
    round(p95_days, 1) AS p95_days
FROM told
ORDER BY days_overdue DESC NULLS LAST, tenant_id, instance_id
