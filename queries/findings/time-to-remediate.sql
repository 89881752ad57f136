-- title: How long findings were open until a complete read no longer showed them
-- why: An auditor asks whether what is found is mended within the days that were promised.
-- param: tenant text null only this client
-- param: since time null only what was resolved from then on
-- unknown: A finding is resolved when a scan sees that it is gone: the days between two scans count
--   as open. What is still open is not in the mean; column still_open says how many that are.
WITH spells AS (
    SELECT
        e.finding_id, e.tenant_id, e.rule, e.event, e.occurred_at,
        lag(e.occurred_at) OVER (PARTITION BY e.finding_id ORDER BY e.occurred_at) AS began
    FROM finding_events AS e
    WHERE e.event IN ('opened', 'reopened', 'resolved')
),

ended AS (
    SELECT s.tenant_id, f.severity, date_diff('second', s.began, s.occurred_at) / 86400.0 AS days
    FROM spells AS s
    JOIN findings AS f ON f.finding_id = s.finding_id
    WHERE s.event = 'resolved' AND ($since IS NULL OR s.occurred_at >= $since)
),

standing AS (
    SELECT tenant_id, severity, count(*) AS n
    FROM findings
    WHERE status IN ('open', 'unknown')
    GROUP BY ALL
)

SELECT
    coalesce(m.tenant_id, s.tenant_id) AS tenant_id,
    coalesce(m.severity, s.severity) AS severity,
    coalesce(m.resolved, 0) AS resolved,
    m.mean_days,
    m.median_days,
    m.longest_days,
    coalesce(s.n, 0) AS still_open
FROM (
    SELECT
        ended.tenant_id,
        ended.severity,
        count(*) AS resolved,
        round(avg(ended.days), 1) AS mean_days,
        round(median(ended.days), 1) AS median_days,
        round(max(ended.days), 1) AS longest_days
    FROM ended
    GROUP BY ALL
) AS m
FULL JOIN standing AS s ON s.tenant_id = m.tenant_id AND s.severity = m.severity
WHERE $tenant IS NULL OR coalesce(m.tenant_id, s.tenant_id) = $tenant
ORDER BY 1, list_position(['critical', 'high', 'medium', 'low', 'info'], coalesce(m.severity, s.severity))
