-- title: Evidence against its SLA: due, produced, late, by control, owner and client
-- why: R07: who is behind with which proof, and by how much, before the auditor asks.
-- param: tenant text null only this client
-- unknown: An instance without a domain SLA and without a frequency has no limit; its state says so.
--   Without an SLA its frequency gives the limit. Snapshots of configuration, drills, and populations
--   with gaps are not counted.
WITH limits AS (
    SELECT
        i.*,
        s.produce_within,
        s.max_age IS NOT NULL AS has_sla,
        coalesce(
            s.max_age,
            CASE i.frequency
                WHEN 'daily' THEN INTERVAL 1 DAY
                WHEN 'weekly' THEN INTERVAL 7 DAY
                WHEN 'monthly' THEN INTERVAL 31 DAY
                WHEN 'quarterly' THEN INTERVAL 92 DAY
                WHEN 'annual' THEN INTERVAL 366 DAY
            END + coalesce(s.produce_within, INTERVAL 0 DAY)
        ) AS max_age
    FROM control_instances AS i
    LEFT JOIN evidence_slas AS s ON s.domain = i.domain
    WHERE i.responsibility <> 'n/a' AND ($tenant IS NULL OR i.tenant_id = $tenant)
),
told AS (
    SELECT
        l.instance_id,
        count(e.evidence_id) AS items,
        max(e.collected_at) AS produced_at,
        count(*) FILTER (e.collected_at > e.period_end + l.produce_within) AS late_items,
        quantile_cont(epoch(e.collected_at - e.period_end) / 86400, 0.5) AS p50_days,
        quantile_cont(epoch(e.collected_at - e.period_end) / 86400, 0.95) AS p95_days
    FROM limits AS l
    LEFT JOIN proofs AS e ON e.instance_id = l.instance_id AND e.is_operation
    GROUP BY l.instance_id
)
SELECT
    l.tenant_id,
    l.instance_id,
    l.domain,
    l.accountable_id AS owner,
    coalesce(t.produced_at, CAST(l.period_start AS TIMESTAMPTZ)) + l.max_age AS due_at,
    CASE
        WHEN l.max_age IS NULL THEN 'no limit'
        WHEN CAST(l.period_start AS TIMESTAMPTZ) > $now THEN 'not begun'
        WHEN due_at <= least($now, CAST(l.period_end AS TIMESTAMPTZ)) THEN 'overdue'
        ELSE 'in time'
    END AS state,
    if(l.has_sla, 'SLA', l.frequency) AS limit_from,
    t.produced_at,
    if(state = 'overdue', round(epoch($now - due_at) / 86400, 1), 0) AS days_overdue,
    l.frequency,
    t.items,
    t.late_items,
    round(t.p50_days, 1) AS p50_days,
    round(t.p95_days, 1) AS p95_days
FROM limits AS l
JOIN told AS t ON t.instance_id = l.instance_id
ORDER BY days_overdue DESC NULLS LAST, l.tenant_id, l.instance_id
