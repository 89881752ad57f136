-- title: How late evidence is, by domain, client and owner
-- why: R07: one slow control is a ticket; one slow domain, client or owner is a finding of the auditor.
-- param: tenant text null only this client
-- unknown: Only evidence that names its period has a lateness: from the period's end until it was
--   collected. What is missing altogether is in evidence-sla-status.
WITH pieces AS (
    SELECT
        i.domain,
        i.tenant_id,
        i.accountable_id AS owner,
        epoch(p.collected_at - p.period_end) / 86400 AS days,
        p.collected_at > p.period_end + s.produce_within AS is_late
    FROM proofs AS p
    JOIN control_instances AS i ON i.instance_id = p.instance_id
    LEFT JOIN evidence_slas AS s ON s.domain = i.domain
    WHERE p.is_operation
        AND p.period_end IS NOT NULL
        AND ($tenant IS NULL OR i.tenant_id = $tenant)
)
SELECT
    CASE GROUPING_ID(domain, tenant_id, owner)
        WHEN 3 THEN 'domain' WHEN 5 THEN 'client' ELSE 'owner'
    END AS by_what,
    coalesce(domain, tenant_id, owner) AS name,
    count(*) AS items,
    count(*) FILTER (is_late) AS late_items,
    count(*) FILTER (is_late IS NULL) AS items_without_limit,
    round(quantile_cont(days, 0.5), 1) AS p50_days,
    round(quantile_cont(days, 0.9), 1) AS p90_days,
    round(max(days), 1) AS longest_days
FROM pieces
GROUP BY GROUPING SETS ((domain), (tenant_id), (owner))
ORDER BY by_what, late_items DESC, name
