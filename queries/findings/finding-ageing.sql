-- title: How old open findings are
-- why: A gap that stays open for months is a decision that nobody took.
-- param: tenant text null only this client
-- unknown: Findings whose source was not read this time stand apart: nobody knows whether they are open.
SELECT
    f.tenant_id,
    f.severity,
    count(*) FILTER (f.status = 'open') AS open,
    count(*) FILTER (f.status = 'open' AND f.opened_at > $now - INTERVAL 7 DAY) AS week,
    count(*) FILTER (
        f.status = 'open'
        AND f.opened_at <= $now - INTERVAL 7 DAY AND f.opened_at > $now - INTERVAL 30 DAY
    ) AS month,
    count(*) FILTER (
        f.status = 'open'
        AND f.opened_at <= $now - INTERVAL 30 DAY AND f.opened_at > $now - INTERVAL 90 DAY
    ) AS quarter,
    count(*) FILTER (f.status = 'open' AND f.opened_at <= $now - INTERVAL 90 DAY) AS older,
    count(*) FILTER (f.status = 'open' AND f.due_at <= $now) AS overdue,
    count(*) FILTER (f.status = 'unknown') AS unknown,
    count(*) FILTER (f.status = 'accepted') AS accepted
FROM findings AS f
WHERE f.status <> 'resolved' AND ($tenant IS NULL OR f.tenant_id = $tenant)
GROUP BY f.tenant_id, f.severity
ORDER BY
    f.tenant_id,
    list_position(['critical', 'high', 'medium', 'low', 'info'], f.severity)
